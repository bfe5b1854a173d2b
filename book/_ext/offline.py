"""Keep the rendered book free of what it would fetch from elsewhere."""


def _drop(app, pagename, templatename, context, doctree):
    # sphinx-thebe adds its script twice a page (its constant is then declared twice, an error in
    # every console) and would load its code from a CDN; the book offers no live cells.
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in str(getattr(script, "filename", script) or "")
        and "thebe"
        not in str(getattr(script, "attributes", {}).get("body", ""))
    ]
    context["css_files"] = [
        css
        for css in context.get("css_files", [])
        if "thebe" not in str(getattr(css, "filename", css) or "")
    ]


def setup(app):
    """Register the extension with Sphinx."""
    app.connect("html-page-context", _drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
