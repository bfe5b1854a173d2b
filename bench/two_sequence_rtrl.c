/* Task 2a, one hidden logistic unit, RTRL, weights changed after every step: plain C.
   Arguments: p, alpha, sequences. With -DDENSE inputs are vectors, not symbols: every weight from
   an input is read and changed at every step. Only with -DMEASURE errors are summed up, as in the
   library, where that is optional for this rule. */
#include "bench.h"

#define MAX 1024

static int n; /* symbols */
static double hidden[MAX], from_hidden[MAX], P[MAX], in[MAX][MAX];

static double learn(const int *symbols, int steps, double alpha) {
  double h = 0.0, squared = 0.0;
  for (int j = 0; j <= n; j++) P[j] = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
#ifdef DENSE
    double input[MAX] = {0}, w[MAX] = {0}, change[MAX], net = hidden[n] * h;
    input[x] = 1.0;
    for (int j = 0; j < n; j++) net += hidden[j] * input[j];
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) w[k] += in[j][k] * input[j];
#else
    double *w = in[x], net = hidden[x] + hidden[n] * h;
#endif
    double y = logistic(net), slope = y * (1.0 - y), decay = slope * hidden[n], theta = 0.0;
    for (int j = 0; j <= n; j++) P[j] *= decay;
#ifdef DENSE
    for (int j = 0; j < n; j++) P[j] += slope * input[j];
#else
    P[x] += slope;
#endif
    P[n] += slope * h;
    h = y;
    for (int k = 0; k < n; k++) {
      double out = logistic(w[k] + from_hidden[k] * h);
      double error = (k == d) - out, e = error * out * (1.0 - out);
#ifdef MEASURE
      squared += 0.5 * error * error;
#endif
      wrong += fabs(error) >= 0.25;
      theta += e * from_hidden[k];
      from_hidden[k] += alpha * e * h;
#ifdef DENSE
      change[k] = alpha * e;
    }
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) in[j][k] += change[k] * input[j];
#else
      w[k] += alpha * e;
    }
#endif
    for (int j = 0; j <= n; j++) hidden[j] += alpha * theta * P[j];
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 4) return usage(argv[0], "P ALPHA SEQUENCES");
  p = atoi(argv[1]), n = p + 1;
  draw_weights(hidden, n + 1), draw_weights(from_hidden, n);
  for (int j = 0; j < n; j++) draw_weights(in[j], n);
  return train(two_sequence, learn, atof(argv[2]), atol(argv[3]), &hidden[n]);
}
