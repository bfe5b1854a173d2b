/* Table 1, Elman's net and rule on the embedded Reber grammar, weights changed after every step:
   plain C. Arguments: hidden units, alpha, strings. */
#include "bench.h"

enum { I = 7, O = 7, MAX = 64 };

static int H; /* hidden units */
static double hidden[MAX][I + MAX], output[O][MAX];

static double learn(const int *symbols, int steps, double alpha) {
  double context[MAX] = {0}, h[MAX], e[MAX], squared = 0.0;
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    for (int i = 0; i < H; i++) {
      double total = hidden[i][x];
      for (int j = 0; j < H; j++) total += hidden[i][I + j] * context[j];
      h[i] = logistic(total), e[i] = 0.0;
    }
    for (int k = 0; k < O; k++) {
      double total = 0.0;
      for (int i = 0; i < H; i++) total += output[k][i] * h[i];
      double y = logistic(total), error = (k == d) - y, theta = error * y * (1.0 - y);
      squared += 0.5 * error * error;
      wrong += fabs(error) >= 0.25;
      for (int i = 0; i < H; i++) {
        e[i] += output[k][i] * theta;
        output[k][i] += alpha * theta * h[i];
      }
    }
    for (int i = 0; i < H; i++) {
      double change = alpha * e[i] * h[i] * (1.0 - h[i]);
      hidden[i][x] += change;
      for (int j = 0; j < H; j++) hidden[i][I + j] += change * context[j];
    }
    memcpy(context, h, H * sizeof(double));
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 4) return usage(argv[0], "HIDDEN ALPHA STRINGS");
  H = atoi(argv[1]);
  for (int i = 0; i < H; i++) draw_weights(hidden[i], I + H);
  for (int k = 0; k < O; k++) draw_weights(output[k], H);
  return train(reber, learn, atof(argv[2]), atol(argv[3]), &hidden[0][0]);
}
