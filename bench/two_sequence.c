/* Task 2a, one hidden logistic unit, RTRL, weights changed after every step: plain C.
   Reads p, alpha and the number of sequences; prints nanoseconds a sequence and a checksum. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX 1024

static uint64_t state = 88172645463325252ULL;

static double uniform(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (state >> 11) * 0x1p-53;
}

static double hidden[MAX], from_hidden[MAX], P[MAX], in[MAX][MAX];

static double learn(const int *symbols, int steps, int n, double alpha) {
  double h = 0.0, worst = 0.0;
  for (int j = 0; j <= n; j++) P[j] = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    double y = 1.0 / (1.0 + exp(-(hidden[x] + hidden[n] * h)));
    double slope = y * (1.0 - y), decay = slope * hidden[n], theta = 0.0;
    double *w = in[x];
    for (int j = 0; j <= n; j++) P[j] *= decay;
    P[x] += slope;
    P[n] += slope * h;
    h = y;
    for (int k = 0; k < n; k++) {
      double out = 1.0 / (1.0 + exp(-(w[k] + from_hidden[k] * h)));
      double error = (k == d) - out, e = error * out * (1.0 - out);
      worst = fmax(worst, fabs(error));
      theta += e * from_hidden[k];
      w[k] += alpha * e;
      from_hidden[k] += alpha * e * h;
    }
    for (int j = 0; j <= n; j++) hidden[j] += alpha * theta * P[j];
  }
  return worst;
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: two_sequence P ALPHA SEQUENCES\n"), 2;
  int p = atoi(argv[1]), n = p + 1, symbols[MAX];
  double alpha = atof(argv[2]);
  long sequences = atol(argv[3]), good = 0;
  for (int j = 0; j <= n; j++) hidden[j] = 0.4 * uniform() - 0.2;
  for (int k = 0; k < n; k++) {
    from_hidden[k] = 0.4 * uniform() - 0.2;
    for (int j = 0; j < n; j++) in[j][k] = 0.4 * uniform() - 0.2;
  }
  for (int t = 1; t < p; t++) symbols[t] = t - 1;
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (long s = 0; s < sequences; s++) {
    symbols[0] = symbols[p] = p - 1 + (uniform() < 0.5);
    good += learn(symbols, p, n, alpha) < 0.25;
  }
  clock_gettime(CLOCK_MONOTONIC, &b);
  double ns = (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec);
  printf("%.1f %ld %.12f\n", ns / sequences, good, hidden[n]);
  return 0;
}
