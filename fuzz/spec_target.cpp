// Specs: TOML with overrides, as a user writes them, and canonical JSON, as run files hold it.

#include <string_view>

#include "fuzz/target.h"
#include "grok/lab/spec_schema.h"
#include "tests/formats/tiny_run.h"
#include "tests/support/temporary_directory.h"

namespace grok::fuzz {
namespace {

// The input up to the first zero byte is TOML; each further piece is an override.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == '\0')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

void read_toml(std::string_view text) {
  const std::vector<std::string> all = pieces(text);
  const std::vector<std::string> overrides(all.begin() + 1, all.end());
  const RunSpec spec = parse_spec(all[0], "input", overrides, spec_schema());
  const std::string json = canonical_json(spec);
  must_hold(from_canonical_json(json) == spec, "a spec is read back from its canonical form");
  must_hold(stored_spec(json) == spec, "a stored spec is the one that the parser let pass");
}

void read_json(std::string_view text) {
  const RunSpec spec = from_canonical_json(text);
  must_hold(canonical_json(spec) == text, "what is read as canonical is written the same");
  must_hold(stored_spec(canonical_json(stored_spec(text))) == stored_spec(text),
            "a stored spec is complete");
}

template <class F>
void unless_refused(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    must_hold(*error.what() != '\0', "an error says something");
  }
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const std::string& preset : preset_names(std::vector<std::string>{GROKSCOPE_SPECS_DIR}))
    out.push_back(read_text(std::string(GROKSCOPE_SPECS_DIR) + "/" + preset + ".toml"));
  const std::string whole = out.front();
  using namespace std::string_literals;
  for (const std::string& overrides :
       {"\0optim.lr=3e-4\0train.steps=10"s, "\0record.probes=[gini, weight_norms]"s,
        "\0task.seed=0x10\0model.d_mlp = 64"s, "\0train.stop_when=test_loss < 1e-6"s, "\0="s})
    out.push_back(whole + overrides);
  out.push_back(canonical_json(formats::tiny_run_spec()));
  out.push_back("[task]\nname = \"modular_addition\"\np = " + std::string(300, '[') + "\n");
  out.push_back("[task]\n" + std::string(2000, 'a') + " = 1\n[tusk]\np.q.r.s = {t.u = 1979-05-27}");
  return out;
}

std::vector<std::string> words() {
  std::vector<std::string> out = {"[",
                                  "]",
                                  "{",
                                  "}",
                                  "=",
                                  ".",
                                  "\"",
                                  "\"\"\"",
                                  "'''",
                                  "#",
                                  "\n",
                                  "true",
                                  "inf",
                                  "nan",
                                  "-",
                                  "+",
                                  "1e999",
                                  "0x",
                                  "0b1",
                                  "1e-3",
                                  "full",
                                  "9223372036854775808",
                                  "-9223372036854775808",
                                  "1979-05-27T07:32:00Z",
                                  "\\u0000",
                                  "\\ud800",
                                  "test_loss < 1e-6"};
  const RunSpec spec = formats::tiny_run_spec();
  for (const SectionRef& section : spec_sections) {
    out.push_back(std::string("[") + section.name + "]\n");
    for (const auto& [key, value] : spec.*section.params) out.push_back(key);
  }
  return out;
}

}  // namespace grok::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  grok::fuzz::unless_refused([&] { grok::fuzz::read_toml(text); });
  grok::fuzz::unless_refused([&] { grok::fuzz::read_json(text); });
  return 0;
}
