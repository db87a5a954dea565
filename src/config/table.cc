#include "config/table.h"

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

namespace latchkey::config {
namespace {

constexpr Bounds any() { return {}; }
constexpr Bounds between(std::string_view least, std::string_view most) { return {least, most, false}; }
constexpr Bounds zero_or(std::string_view least, std::string_view most) { return {least, most, true}; }

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct ElementOf {
  using Type = T;
};
template <class T>
struct ElementOf<std::vector<T>> {
  using Type = T;
};

template <class T>
std::expected<void, std::string> check_bounds(const T& value, const Bounds& bounds) {
  if (bounds.most.empty() || (bounds.allows_zero && value == T{})) return {};
  if (value < *Codec<T>::parse(bounds.least) || value > *Codec<T>::parse(bounds.most))
    return std::unexpected(bounds_text(bounds));
  return {};
}

template <class T>
void write_json(base::JsonWriter& json, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    json.value(value);
  } else if constexpr (std::same_as<T, std::uint32_t>) {
    json.value(std::int64_t{value});
  } else {
    json.value(Codec<T>::text(value));
  }
}

// What a row needs to know of the one member it stands for.
template <auto kSection, auto kMember>
struct Access {
  using T = std::remove_cvref_t<decltype((std::declval<Settings&>().*kSection).*kMember)>;
  using Element = typename ElementOf<T>::Type;
  static constexpr bool kIsList = IsVector<T>::value;

  static std::expected<void, std::string> assign(Settings& to, const GivenValue& given,
                                                 const Bounds& bounds) {
    T& member = (to.*kSection).*kMember;
    if constexpr (kIsList) {
      T values;
      for (const std::string& item : given.items) {
        auto value = Codec<Element>::parse(item);
        if (!value) return std::unexpected(std::move(value.error()));
        values.push_back(*std::move(value));
      }
      member = std::move(values);
    } else {
      if (given.is_list) return std::unexpected(std::string(Codec<T>::kForm) + ", not a list");
      auto value = Codec<T>::parse(given.items.front());
      if (!value) return std::unexpected(std::move(value.error()));
      if constexpr (std::totally_ordered<T>) {
        if (auto within = check_bounds(*value, bounds); !within) return within;
      }
      member = *std::move(value);
    }
    return {};
  }

  static void copy(Settings& to, const Settings& from) {
    (to.*kSection).*kMember = (from.*kSection).*kMember;
  }

  static std::string confidential_text(const Settings& from) {
    const T& member = (from.*kSection).*kMember;
    if constexpr (kIsList) {
      std::string text;
      for (const Element& element : member)
        text.append(text.empty() ? "" : ",").append(Codec<Element>::text(element));
      return text;
    } else {
      return Codec<T>::text(member);
    }
  }

  static void write_confidential_json(base::JsonWriter& json, const Settings& from) {
    const T& member = (from.*kSection).*kMember;
    if constexpr (kIsList) {
      json.begin_array();
      for (const Element& element : member) write_json(json, element);
      json.end_array();
    } else {
      write_json(json, member);
    }
  }

  static constexpr auto shown_text_of() -> std::string (*)(const Settings&) {
    if constexpr (requires(const T& value) { value.shown(); }) {
      return [](const Settings& from) { return ((from.*kSection).*kMember).shown(); };
    } else {
      return nullptr;
    }
  }

  static constexpr Setting row(std::string_view name, std::string_view default_text, Bounds bounds,
                               TakesEffect takes_effect, std::string_view doc) {
    return {.name = name,
            .default_text = default_text,
            .doc = doc,
            .bounds = bounds,
            .takes_effect = takes_effect,
            .is_secret = std::same_as<Element, base::Secret>,
            .shown_text = shown_text_of(),
            .is_list = kIsList,
            .form = &Codec<Element>::kForm,
            .assign = &assign,
            .copy = &copy,
            .confidential_text = &confidential_text,
            .write_confidential_json = &write_confidential_json};
  }
};

using enum TakesEffect;

constexpr Setting kSettings[] = {
#define LK_SECTION(...)
#define LK_SETTING(section, key, type, default_text, bounds, takes_effect, doc)                       \
  Access<&Settings::section, &decltype(Settings::section)::key>::row(#section "." #key, default_text, \
                                                                     bounds, takes_effect, doc),
#define LK_SECTION_END(...)
#include "config/settings.def"
#undef LK_SECTION
#undef LK_SETTING
#undef LK_SECTION_END
};

constexpr Section kSections[] = {
#define LK_SECTION(section, Struct, doc) {#section, doc},
#define LK_SETTING(...)
#define LK_SECTION_END(...)
#include "config/settings.def"
#undef LK_SECTION
#undef LK_SETTING
#undef LK_SECTION_END
};

}  // namespace

std::span<const Setting> all_settings() { return kSettings; }
std::span<const Section> all_sections() { return kSections; }

const Setting* find_setting(std::string_view name) {
  const auto* found = std::ranges::find(kSettings, name, &Setting::name);
  return found == std::end(kSettings) ? nullptr : found;
}

const Section* find_section(std::string_view name) {
  const auto* found = std::ranges::find(kSections, name, &Section::name);
  return found == std::end(kSections) ? nullptr : found;
}

std::string Setting::environment_variable() const {
  std::string variable = "LATCHKEY_";
  for (const char c : name) {
    if (c == '.') {
      variable += "__";
    } else {
      variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return variable;
}

bool Setting::hides(const Settings& settings) const {
  return is_secret || (shown_text != nullptr && shown_text(settings) != confidential_text(settings));
}

std::string shown_value(const Setting& setting, const Settings& settings) {
  if (setting.is_secret) return setting.confidential_text(settings).empty() ? "[]" : "\"(hidden)\"";
  std::string text;
  if (setting.shown_text != nullptr) {
    base::append_json_string(text, setting.shown_text(settings));
    return text;
  }
  base::JsonWriter json(text);
  setting.write_confidential_json(json, settings);
  return text;
}

std::string bounds_text(const Bounds& bounds) {
  if (bounds.most.empty()) return {};
  return std::string(bounds.allows_zero ? "0, or " : "")
      .append(bounds.least)
      .append(" to ")
      .append(bounds.most);
}

Settings default_settings() {
  Settings settings;
  for (const Setting& setting : all_settings()) {
    GivenValue given{.items = {std::string(setting.default_text)}, .is_list = false};
    if (setting.is_list && setting.default_text.empty()) given.items.clear();
    // The tests assign every default: it is within its own bounds.
    (void)setting.assign(settings, given, setting.bounds);
  }
  return settings;
}

}  // namespace latchkey::config
