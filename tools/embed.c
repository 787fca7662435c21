/*
 * A tool of the build: writes the files named on its command line as one C file, so that the
 * binary needs no file beside it. embed OUT.c HEADER ARRAY FILE...: OUT.c includes HEADER, which
 * declares ARRAY as an array of struct embedded_file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_LINE = 20, FIRST_FILE = 4 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static FILE *open_or_exit(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

static void embed(FILE *out, int n, const char *path)
{
    FILE *in = open_or_exit(path, "rb");
    int column = 0;
    int byte;

    (void)fprintf(out, "static const char file_%d[] = {", n);
    while ((byte = getc(in)) != EOF)
        (void)fprintf(out, "%s%d,", column++ % BYTES_A_LINE == 0 ? "\n" : " ", (signed char)byte);
    (void)fprintf(out, "\n0 };\n\n");
    (void)fclose(in);
}

int main(int argc, char **argv)
{
    FILE *out;

    if (argc < FIRST_FILE + 1)
        return EXIT_FAILURE;
    out = open_or_exit(argv[1], "w");
    (void)fprintf(out, "#include \"%s\"\n\n", argv[2]);
    for (int i = FIRST_FILE; i < argc; i++)
        embed(out, i, argv[i]);
    (void)fprintf(out, "const struct embedded_file %s[] = {\n", argv[3]);
    for (int i = FIRST_FILE; i < argc; i++)
        (void)fprintf(out, "{ \"%s\", file_%d, sizeof file_%d - 1 },\n", base_name(argv[i]), i, i);
    (void)fprintf(out, "{ NULL, NULL, 0 }\n};\n");
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
