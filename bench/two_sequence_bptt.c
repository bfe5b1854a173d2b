/* Task 2a, one hidden logistic unit, back-propagation through time, weights changed at the end of
   the sequence: plain C. Arguments: p, alpha, sequences. */
#include "bench.h"

#define MAX 1024

static int n; /* symbols */
static double hidden[MAX], from_hidden[MAX], change[MAX], in[MAX][MAX], y[MAX][MAX], h[MAX + 1];

static double learn(const int *symbols, int steps, double alpha) {
  double squared = 0.0, back = 0.0, from_itself = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    h[t + 1] = logistic(hidden[x] + hidden[n] * h[t]);
    for (int k = 0; k < n; k++) y[t][k] = logistic(in[x][k] + from_hidden[k] * h[t + 1]);
    for (int k = 0; k < n; k++) {
      double error = (k == d) - y[t][k];
      squared += 0.5 * error * error;
      wrong += fabs(error) >= 0.25;
    }
  }
  for (int k = 0; k < n; k++) change[k] = 0.0;
  for (int t = steps - 1; t >= 0; t--) {
    int x = symbols[t], d = symbols[t + 1];
    for (int k = 0; k < n; k++) {
      double e = ((k == d) - y[t][k]) * y[t][k] * (1.0 - y[t][k]);
      back += e * from_hidden[k];
      change[k] += e * h[t + 1];
      in[x][k] += alpha * e; /* not needed any more in this sequence */
    }
    double theta = back * h[t + 1] * (1.0 - h[t + 1]);
    hidden[x] += alpha * theta;
    from_itself += theta * h[t];
    back = theta * hidden[n];
  }
  for (int k = 0; k < n; k++) from_hidden[k] += alpha * change[k];
  hidden[n] += alpha * from_itself;
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 4) return usage(argv[0], "P ALPHA SEQUENCES");
  p = atoi(argv[1]), n = p + 1;
  draw_weights(hidden, n + 1), draw_weights(from_hidden, n);
  for (int j = 0; j < n; j++) draw_weights(in[j], n);
  return train(two_sequence, learn, atof(argv[2]), atol(argv[3]), &hidden[n]);
}
