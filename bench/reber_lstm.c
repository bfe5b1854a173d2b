/* Table 1, LSTM: memory cells in blocks on the embedded Reber grammar, the truncated 1997 rule,
   weights changed after every step: plain C. Arguments: blocks, cells a block, alpha, strings. */
#include "bench.h"

enum { I = 7, O = 7, ROWS = 16, COLUMNS = 64 };

static int B, SIZE, S, R; /* blocks, cells a block, cells, recurrent activations */
static double cell[ROWS][COLUMNS], gate_in[ROWS][COLUMNS], gate_out[ROWS][COLUMNS];
static double bias_in[ROWS], bias_out[ROWS], output[O][ROWS];
static double D_cell[ROWS][COLUMNS], D_in[ROWS][COLUMNS], D_bias[ROWS];

static double net(const double *w, int x, const double *rec) {
  double total = w[x];
  for (int m = 0; m < R; m++) total += w[I + m] * rec[m];
  return total;
}

static double learn(const int *symbols, int steps, double alpha) {
  double s[ROWS] = {0}, rec[COLUMNS] = {0}, squared = 0.0;
  memset(D_cell, 0, sizeof D_cell), memset(D_in, 0, sizeof D_in), memset(D_bias, 0, sizeof D_bias);
  for (int t = 0; t < steps; t++) {
    int x = symbols[t], d = symbols[t + 1];
    double in[ROWS], out[ROWS], g[ROWS], h[ROWS], y_c[ROWS], y[O], theta[O], e[ROWS];
    for (int j = 0; j < B; j++) {
      in[j] = logistic(net(gate_in[j], x, rec) + bias_in[j]);
      out[j] = logistic(net(gate_out[j], x, rec) + bias_out[j]);
    }
    for (int v = 0; v < S; v++) {
      g[v] = 4.0 * logistic(net(cell[v], x, rec)) - 2.0;
      s[v] += in[v / SIZE] * g[v];
      h[v] = 2.0 * logistic(s[v]) - 1.0;
      y_c[v] = out[v / SIZE] * h[v];
    }
    for (int k = 0; k < O; k++) {
      double total = 0.0;
      for (int v = 0; v < S; v++) total += output[k][v] * y_c[v];
      y[k] = logistic(total);
      double error = (k == d) - y[k];
      squared += 0.5 * error * error;
      wrong += fabs(error) >= 0.25;
      theta[k] = error * y[k] * (1.0 - y[k]);
    }
    for (int v = 0; v < S; v++) {
      double gate = in[v / SIZE], by_cell = (1.0 - 0.25 * g[v] * g[v]) * gate;
      double by_gate = g[v] * gate * (1.0 - gate);
      D_cell[v][x] += by_cell, D_in[v][x] += by_gate, D_bias[v] += by_gate;
      for (int m = 0; m < R; m++) {
        D_cell[v][I + m] += by_cell * rec[m];
        D_in[v][I + m] += by_gate * rec[m];
      }
      e[v] = 0.0;
      for (int k = 0; k < O; k++) {
        e[v] += output[k][v] * theta[k];
        output[k][v] += alpha * theta[k] * y_c[v];
      }
    }
    for (int j = 0; j < B; j++) {
      double total = 0.0;
      for (int v = j * SIZE; v < (j + 1) * SIZE; v++) {
        total += e[v] * h[v];
        double e_s = alpha * e[v] * out[j] * 0.5 * (1.0 - h[v] * h[v]);
        for (int m = 0; m < I + R; m++) {
          cell[v][m] += e_s * D_cell[v][m];
          gate_in[j][m] += e_s * D_in[v][m];
        }
        bias_in[j] += e_s * D_bias[v];
      }
      double change = alpha * total * out[j] * (1.0 - out[j]);
      gate_out[j][x] += change, bias_out[j] += change;
      for (int m = 0; m < R; m++) gate_out[j][I + m] += change * rec[m];
    }
    memcpy(rec, y_c, S * sizeof(double));
    memcpy(rec + S, in, B * sizeof(double));
    memcpy(rec + S + B, out, B * sizeof(double));
  }
  return squared;
}

int main(int argc, char **argv) {
  if (argc != 5) return usage(argv[0], "BLOCKS SIZE ALPHA STRINGS");
  B = atoi(argv[1]), SIZE = atoi(argv[2]), S = B * SIZE, R = S + 2 * B;
  for (int v = 0; v < S; v++) draw_weights(cell[v], I + R);
  for (int j = 0; j < B; j++) draw_weights(gate_in[j], I + R), draw_weights(gate_out[j], I + R);
  draw_weights(bias_in, B);
  for (int j = 0; j < B; j++) bias_out[j] = -(j + 1.0);
  for (int k = 0; k < O; k++) draw_weights(output[k], S);
  return train(reber, learn, atof(argv[3]), atol(argv[4]), &cell[0][0]);
}
