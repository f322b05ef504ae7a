#include "CRE2.h"

#include <re2/re2.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct cre2_pattern {
  std::unique_ptr<re2::RE2> re;
  std::map<int, std::string> names;
};

static re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(8 << 20);
  return out;
}

cre2_pattern *cre2_compile(const char *text, size_t length, char **error) {
  auto re = std::make_unique<re2::RE2>(re2::StringPiece(text, length), options());
  if (!re->ok()) {
    *error = strdup(re->error().c_str());
    return nullptr;
  }
  auto names = re->CapturingGroupNames();
  return new cre2_pattern{std::move(re), std::move(names)};
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

void cre2_free_error(char *error) { free(error); }

bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length) {
  return pattern->re->Match(re2::StringPiece(text, length), 0, length, re2::RE2::UNANCHORED, nullptr, 0);
}

int cre2_group_count(const cre2_pattern *pattern) { return pattern->re->NumberOfCapturingGroups(); }

const char *cre2_group_name(const cre2_pattern *pattern, int index) {
  auto found = pattern->names.find(index);
  return found == pattern->names.end() ? nullptr : found->second.c_str();
}

bool cre2_capture(const cre2_pattern *pattern, const char *text, size_t length, ptrdiff_t *starts, ptrdiff_t *ends,
                  int groups) {
  std::vector<re2::StringPiece> found(groups);
  if (!pattern->re->Match(re2::StringPiece(text, length), 0, length, re2::RE2::UNANCHORED, found.data(), groups))
    return false;
  for (int i = 0; i < groups; i++) {
    starts[i] = found[i].data() == nullptr ? -1 : found[i].data() - text;
    ends[i] = found[i].data() == nullptr ? -1 : starts[i] + (ptrdiff_t)found[i].size();
  }
  return true;
}
