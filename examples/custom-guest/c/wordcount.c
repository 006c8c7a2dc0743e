/* Counts the words of each file that it is given, or of its input. A plain C program: it knows nothing of Wardian. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static long count(FILE *file) {
  long words = 0;
  int inside = 0;
  for (int letter; (letter = fgetc(file)) != EOF;) {
    if (isspace(letter)) inside = 0;
    else if (!inside) {
      inside = 1;
      words++;
    }
  }
  return words;
}

int main(int argc, char **argv) {
  if (argc == 1) printf("%ld\n", count(stdin));
  for (int index = 1; index < argc; index++) {
    FILE *file = fopen(argv[index], "r");
    if (file == NULL) {
      fprintf(stderr, "wordcount: %s: %s\n", argv[index], strerror(errno));
      return 2;
    }
    printf("%ld %s\n", count(file), argv[index]);
    fclose(file);
  }
  return 0;
}
