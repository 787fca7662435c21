/*
 * A tool of the build: writes the migrations named on its command line as one C file, so that the
 * binary needs no file beside it. embed OUT FILE.sql...; a file is called NUMBER_NAME.sql.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_LINE = 20 };

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

    (void)fprintf(out, "static const char script_%d[] = {", n);
    while ((byte = getc(in)) != EOF)
        (void)fprintf(out, "%s%d,", column++ % BYTES_A_LINE == 0 ? "\n" : " ", byte);
    (void)fprintf(out, "\n0 };\n\n");
    (void)fclose(in);
}

int main(int argc, char **argv)
{
    FILE *out;

    if (argc < 3)
        return EXIT_FAILURE;
    out = open_or_exit(argv[1], "w");
    (void)fprintf(out, "#include \"store/migrations_internal.h\"\n\n");
    for (int i = 2; i < argc; i++)
        embed(out, i, argv[i]);
    (void)fprintf(out, "const struct migration migrations[] = {\n");
    for (int i = 2; i < argc; i++)
        (void)fprintf(out, "{ %ld, \"%s\", script_%d },\n", strtol(base_name(argv[i]), NULL, 10),
                      base_name(argv[i]), i);
    (void)fprintf(out, "{ 0, NULL, NULL }\n};\n");
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
