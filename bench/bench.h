/* What the programs share: random numbers, the logistic function, the clock, the three tasks.
   Each program trains from random weights in [-0.2, 0.2] and prints three numbers: nanoseconds a
   step, half the squared error a step, and a weight, so that nothing can be left out as unused. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAIL = 400, LONGEST = 1 << 12, STRINGS = 256 };

static uint64_t random_state = 88172645463325252ULL;

static inline double uniform(void) {
  random_state ^= random_state << 13, random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (random_state >> 11) * 0x1p-53;
}

static inline void draw_weights(double *w, int n) {
  for (int i = 0; i < n; i++) w[i] = 0.4 * uniform() - 0.2;
}

static inline double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

/* A task points at the symbols of its next sequence and returns the number of steps; p and q are
   the sizes of tasks 2a and 2c. A learner returns half the squared error of a sequence and counts
   wrong outputs. */
typedef int task(const int **symbols);
typedef double learner(const int *symbols, int steps, double alpha);

static int p, q;
static long wrong;

/* Task 2a: x or y, a_1 .. a_{p-1}, the first once more. */
static inline int two_sequence(const int **sequence) {
  static int symbols[LONGEST];
  *sequence = symbols;
  symbols[0] = symbols[p] = p - 1 + (uniform() < 0.5);
  for (int t = 1; t < p; t++) symbols[t] = t - 1;
  return p;
}

/* Task 2c: b, x or y, at least q of p distractors, the trigger, x or y. */
static inline int late_answer(const int **sequence) {
  static int symbols[LONGEST];
  int t = 2, answer = uniform() < 0.5;
  *sequence = symbols;
  symbols[0] = 3, symbols[1] = answer;
  for (int i = 0; i < q; i++) symbols[t++] = 4 + (int)(uniform() * p);
  while (uniform() < 0.9 && t < 2 + q + TAIL) symbols[t++] = 4 + (int)(uniform() * p);
  symbols[t] = 2, symbols[t + 1] = answer;
  return t + 1;
}

/* A string of the embedded Reber grammar; B T P S X V E = 0 .. 6. */
static inline int embedded(int *symbols) {
  static const int symbol[5][2] = {{1, 2}, {3, 4}, {1, 5}, {4, 3}, {2, 5}};
  static const int next[5][2] = {{1, 2}, {1, 3}, {2, 4}, {2, 5}, {3, 5}};
  int n = 0, state = 0, outer = 1 + (uniform() < 0.5);
  symbols[n++] = 0, symbols[n++] = outer, symbols[n++] = 0;
  while (state != 5 && n < LONGEST - 4) {
    int edge = uniform() < 0.5;
    symbols[n++] = symbol[state][edge], state = next[state][edge];
  }
  symbols[n++] = 6, symbols[n++] = outer, symbols[n++] = 6;
  return n - 1;
}

/* Experiment 1: one of a set of such strings. */
static inline int reber(const int **symbols) {
  static int set[STRINGS][LONGEST], steps[STRINGS];
  if (!steps[0])
    for (int k = 0; k < STRINGS; k++) steps[k] = embedded(set[k]);
  int k = (int)(uniform() * STRINGS);
  *symbols = set[k];
  return steps[k];
}

static inline int usage(const char *program, const char *arguments) {
  return fprintf(stderr, "usage: %s %s\n", program, arguments), 2;
}

static inline int train(task draw, learner learn, double alpha, long sequences, double *weight) {
  const int *symbols;
  double steps = 0.0, squared = 0.0;
  draw(&symbols); /* Reber strings are made here, before the clock starts */
  double start = now();
  for (long i = 0; i < sequences; i++) {
    int length = draw(&symbols);
    squared += learn(symbols, length, alpha);
    steps += length;
  }
  double ns = (now() - start) / steps;
  printf("%.4f %.9f %.12f\n", ns, squared / steps, *weight + 1e-9 * wrong);
  return 0;
}
