#ifndef HALDANE_CRE2_H
#define HALDANE_CRE2_H
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A compiled RE2 pattern. Safe to match from many threads at once.
typedef struct cre2_pattern cre2_pattern;

/// Compiles `length` bytes of UTF-8. Returns NULL and, in `error`, RE2's message (malloc'ed, NUL-terminated).
cre2_pattern *cre2_compile(const char *text, size_t length, char **error);
void cre2_free(cre2_pattern *pattern);
void cre2_free_error(char *error);

/// Whether the pattern matches anywhere in the bytes (a pattern may anchor itself).
bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length);

/// Number of capture groups, the whole match not counted.
int cre2_group_count(const cre2_pattern *pattern);

/// Name of capture group `index` (1...count), or NULL. Valid as long as the pattern.
const char *cre2_group_name(const cre2_pattern *pattern, int index);

/// Matches and stores for group 0...count its start and end offsets (-1 where it took no part).
bool cre2_capture(const cre2_pattern *pattern, const char *text, size_t length, ptrdiff_t *starts, ptrdiff_t *ends,
                  int groups);

#ifdef __cplusplus
}
#endif
#endif
