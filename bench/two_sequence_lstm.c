/* Task 2a, one memory cell with an input gate and nothing else, weights changed after every step:
   plain C. Arguments: p, alpha, sequences. */
#include "bench.h"

#define MAX 1024

static int n; /* symbols */
static double cell[MAX], gate[MAX], D_cell[MAX], D_gate[MAX], from_cell[MAX], in[MAX][MAX];

static double learn(const int *symbols, int steps, double alpha) {
  double s = 0.0, squared = 0.0;
  for (int j = 0; j < n; j++) D_cell[j] = D_gate[j] = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    double g = logistic(cell[x]), y_in = logistic(gate[x]), theta = 0.0;
    double *w = in[x];
    s += y_in * g;
    D_cell[x] += y_in * g * (1.0 - g);
    D_gate[x] += g * y_in * (1.0 - y_in);
    for (int k = 0; k < n; k++) {
      double out = logistic(w[k] + from_cell[k] * s);
      double error = (k == d) - out, e = error * out * (1.0 - out);
      squared += 0.5 * error * error;
      wrong += fabs(error) >= 0.25;
      theta += e * from_cell[k];
      w[k] += alpha * e;
      from_cell[k] += alpha * e * s;
    }
    for (int j = 0; j < n; j++) {
      cell[j] += alpha * theta * D_cell[j];
      gate[j] += alpha * theta * D_gate[j];
    }
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 4) return usage(argv[0], "P ALPHA SEQUENCES");
  p = atoi(argv[1]), n = p + 1;
  draw_weights(cell, n), draw_weights(gate, n), draw_weights(from_cell, n);
  for (int j = 0; j < n; j++) draw_weights(in[j], n);
  return train(two_sequence, learn, atof(argv[2]), atol(argv[3]), &cell[0]);
}
