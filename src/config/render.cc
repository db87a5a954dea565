#include "config/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/table.h"

namespace latchkey::config {
namespace {

constexpr std::string_view kReferenceHead = R"(# Configuration

Nothing needs to be configured to start. This page is made by `latchkey config reference`.

## How to set something

From the weakest to the strongest:

1. the default below;
2. a TOML file: the one named by `--config` or by the environment variable `LATCHKEY_CONFIG`, else `latchkey.toml`
   in the folder the server is started in, if there is one;
3. an environment variable: `LATCHKEY_`, the section, two underscores, the key, all in capitals;
4. a flag: `--set section.key=value`. `--listen`, `--data` and `--database` are short for `server.listen`,
   `data.path` and `database.url`.

```toml
# latchkey.toml
[server]
listen = "0.0.0.0:8484"
public_url = "https://auth.example.com"
trusted_proxies = ["10.0.0.0/8"]

[session]
idle_lifetime = "90d"
absolute_lifetime = "365d"
```

```sh
LATCHKEY_SESSION__IDLE_LIFETIME=90d latchkey serve --set log.level=debug
```

Times are written as `500ms`, `30s`, `5m`, `1h`, `30d`; sizes as `64KiB`, `19MiB`; rates as `30/5m` (30 at once,
refilled evenly over 5 minutes). Lists are TOML lists, or texts separated by commas in variables and flags.

`latchkey config check` names everything that is wrong at once, with its place; unknown settings are refused.
`latchkey config print` shows every value and where it came from. Settings marked *reload* are read again at SIGHUP
(`systemctl reload`); the others take effect at the next start.
)";

std::string default_value(const Setting& setting) { return shown_value(setting, default_settings()); }

}  // namespace

std::string render_toml(const Configuration& configuration) {
  std::string text;
  std::string_view section;
  for (std::size_t i = 0; i < all_settings().size(); ++i) {
    const Setting& setting = all_settings()[i];
    if (setting.section() != section) {
      section = setting.section();
      fmt::format_to(std::back_inserter(text), "{}[{}]\n", i == 0 ? "" : "\n", section);
    }
    const std::string value = shown_value(setting, configuration.settings);
    fmt::format_to(std::back_inserter(text), "{}{} = {}  # {}\n",
                   setting.hides(configuration.settings) ? "# " : "", setting.key(), value,
                   configuration.origins[i].text);
  }
  return text;
}

std::string render_json(const Configuration& configuration) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("settings").begin_array();
  for (std::size_t i = 0; i < all_settings().size(); ++i) {
    const Setting& setting = all_settings()[i];
    json.begin_object().member("name", setting.name).key("value");
    if (setting.is_secret) {
      json.null();
    } else {
      json.raw(shown_value(setting, configuration.settings));
    }
    json.member("secret", setting.is_secret)
        .member("set", configuration.origins[i].layer != Layer::default_value)
        .member("origin", configuration.origins[i].text)
        .end_object();
  }
  json.end_array().end_object();
  return text;
}

std::string render_reference() {
  std::string text(kReferenceHead);
  const auto out = std::back_inserter(text);
  for (const Section& section : all_sections()) {
    fmt::format_to(out, "\n## {}\n\n{}\n\n", section.name, section.doc);
    for (const Setting& setting : all_settings()) {
      if (setting.section() != section.name) continue;
      fmt::format_to(out, "- **`{}`** = `{}`  \n  {}  \n", setting.name, default_value(setting), setting.doc);
      fmt::format_to(out, "  {}{}", setting.is_list ? "Values: " : "Value: ", *setting.form);
      if (!setting.bounds.most.empty()) fmt::format_to(out, "; {}", bounds_text(setting.bounds));
      if (setting.is_secret) text += "; secret";
      if (setting.takes_effect == TakesEffect::on_reload) text += "; *reload*";
      fmt::format_to(out, ". Variable: `{}`\n", setting.environment_variable());
    }
  }
  return text;
}

std::string render_reference_json() {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("settings").begin_array();
  for (const Setting& setting : all_settings()) {
    json.begin_object()
        .member("name", setting.name)
        .member("environment", setting.environment_variable())
        .member("doc", setting.doc)
        .member("form", *setting.form)
        .key("default")
        .raw(default_value(setting))
        .member("bounds", bounds_text(setting.bounds))
        .member("list", setting.is_list)
        .member("secret", setting.is_secret)
        .member("reloadable", setting.takes_effect == TakesEffect::on_reload)
        .end_object();
  }
  json.end_array().end_object();
  return text;
}

std::string render_problems(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text.append(problem.text()).append("\n");
  return text;
}

void write_problems_json(base::JsonWriter& json, const std::vector<Problem>& problems) {
  json.begin_array();
  for (const Problem& problem : problems) {
    json.begin_object()
        .member("severity", problem.severity == Severity::error ? "error" : "warning")
        .member("origin", problem.origin)
        .member("setting", problem.setting)
        .member("message", problem.message)
        .end_object();
  }
  json.end_array();
}

std::string render_problems_json(const std::vector<Problem>& problems) {
  const bool ok =
      std::ranges::none_of(problems, [](const Problem& p) { return p.severity == Severity::error; });
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().member("ok", ok).key("problems");
  write_problems_json(json, problems);
  json.end_object();
  return text;
}

}  // namespace latchkey::config
