/* Table 1, RTRL of a fully recurrent net on the embedded Reber grammar, weights changed after every
   step: plain C. The first seven of n = 7 + HIDDEN units are the outputs. A step costs
   n * n * n * (7 + n) multiplications. Arguments: hidden units, alpha, strings. */
#include "bench.h"

enum { I = 7, O = 7, MAX = 64 };

static int n; /* units */
static double w[MAX * (I + MAX)];         /* w[k * m + j], m = I + n: into unit k from j */
static double P[2][MAX][MAX * (I + MAX)]; /* d y_k / d w, now and a step before */

static double learn(const int *symbols, int steps, double alpha) {
  double y[2][MAX] = {{0}}, squared = 0.0;
  int m = I + n, weights = n * m, last = 0;
  for (int k = 0; k < n; k++)
    for (int c = 0; c < weights; c++) P[0][k][c] = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    const double *before = y[last];
    double *after = y[1 - last];
    for (int k = 0; k < n; k++) {
      double total = w[k * m + x], *P_k = P[1 - last][k];
      for (int l = 0; l < n; l++) total += w[k * m + I + l] * before[l];
      after[k] = logistic(total);
      double slope = after[k] * (1.0 - after[k]);
      for (int c = 0; c < weights; c++) P_k[c] = 0.0;
      for (int l = 0; l < n; l++) {
        const double factor = slope * w[k * m + I + l], *P_l = P[last][l];
        for (int c = 0; c < weights; c++) P_k[c] += factor * P_l[c];
      }
      P_k[k * m + x] += slope;
      for (int l = 0; l < n; l++) P_k[k * m + I + l] += slope * before[l];
    }
    for (int k = 0; k < O; k++) {
      double error = (k == d) - after[k], *P_k = P[1 - last][k];
      squared += 0.5 * error * error;
      wrong += fabs(error) >= 0.25;
      for (int c = 0; c < weights; c++) w[c] += alpha * error * P_k[c];
    }
    last = 1 - last;
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 4) return usage(argv[0], "HIDDEN ALPHA STRINGS");
  n = O + atoi(argv[1]);
  draw_weights(w, n * (I + n));
  return train(reber, learn, atof(argv[2]), atol(argv[3]), w);
}
