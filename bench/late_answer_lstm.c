/* Task 2c: two blocks of one memory cell, no biases, the truncated 1997 rule, an error and weight
   changes at the end of a sequence only: plain C. Arguments: p, q, alpha, sequences. */
#include "bench.h"

enum { MAX = 1024, S = 2, R = 3 * S, O = 2 }; /* cells, recurrent activations, outputs */

static int n; /* symbols */
static double cell[S][MAX + R], gate_in[S][MAX + R], gate_out[S][MAX + R], output[O][S];
static double D_cell[S][MAX + R], D_in[S][MAX + R];

static double net(const double *w, int x, const double *rec) {
  double total = w[x];
  for (int m = 0; m < R; m++) total += w[n + m] * rec[m];
  return total;
}

static double learn(const int *symbols, int steps, double alpha) {
  double s[S] = {0}, h[S] = {0}, rec[R] = {0}, before[R] = {0}, squared = 0.0, theta[O];
  for (int v = 0; v < S; v++)
    for (int m = 0; m < n + R; m++) D_cell[v][m] = D_in[v][m] = 0.0;
  for (int t = 0; t < steps; t++) { /* rec: y_c, y_in, y_out */
    int x = symbols[t];
    memcpy(before, rec, sizeof rec);
    for (int v = 0; v < S; v++) {
      double in = logistic(net(gate_in[v], x, before));
      double out = logistic(net(gate_out[v], x, before));
      double g = 4.0 * logistic(net(cell[v], x, before)) - 2.0;
      double by_cell = (1.0 - 0.25 * g * g) * in, by_gate = g * in * (1.0 - in);
      s[v] += in * g;
      h[v] = 2.0 * logistic(s[v]) - 1.0;
      rec[v] = out * h[v], rec[S + v] = in, rec[2 * S + v] = out;
      D_cell[v][x] += by_cell, D_in[v][x] += by_gate;
      for (int m = 0; m < R; m++) {
        D_cell[v][n + m] += by_cell * before[m];
        D_in[v][n + m] += by_gate * before[m];
      }
    }
  }
  for (int k = 0; k < O; k++) {
    double total = 0.0;
    for (int v = 0; v < S; v++) total += output[k][v] * rec[v];
    double y = logistic(total), error = (k == symbols[steps]) - y;
    squared += 0.5 * error * error;
    wrong += fabs(error) >= 0.2;
    theta[k] = error * y * (1.0 - y);
  }
  for (int v = 0; v < S; v++) {
    double e = 0.0, out = rec[2 * S + v];
    for (int k = 0; k < O; k++) {
      e += output[k][v] * theta[k];
      output[k][v] += alpha * theta[k] * rec[v];
    }
    double e_s = alpha * e * out * 0.5 * (1.0 - h[v] * h[v]);
    double change = alpha * e * h[v] * out * (1.0 - out);
    for (int m = 0; m < n + R; m++) {
      cell[v][m] += e_s * D_cell[v][m];
      gate_in[v][m] += e_s * D_in[v][m];
    }
    gate_out[v][symbols[steps - 1]] += change;
    for (int m = 0; m < R; m++) gate_out[v][n + m] += change * before[m];
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 5) return usage(argv[0], "P Q ALPHA SEQUENCES");
  p = atoi(argv[1]), q = atoi(argv[2]), n = p + 4;
  for (int v = 0; v < S; v++) {
    draw_weights(cell[v], n + R), draw_weights(gate_in[v], n + R);
    draw_weights(gate_out[v], n + R);
  }
  for (int k = 0; k < O; k++) draw_weights(output[k], S);
  return train(late_answer, learn, atof(argv[3]), atol(argv[4]), &cell[0][0]);
}
