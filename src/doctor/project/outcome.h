// What one rule found: gathered place by place, made into a finding at the end.
#pragma once

#include <string>
#include <string_view>

#include "doctor/report.h"
#include "flutterflow/project.h"

namespace latchkey::doctor {

// Passes unless something is added or it is skipped. Texts are redacted on the way in.
class Outcome {
 public:
  explicit Outcome(std::string_view id) { finding_.id = id; }

  // It holds at this place. The expression is the source there unless one is given.
  void add(const flutterflow::Site& site) { add(site, {}); }
  void add(const flutterflow::Site& site, std::string_view expression);
  void add(Place place);
  // It holds for the whole project, about something that is not there: the place is where one would look for
  // it.
  void add_absence(const flutterflow::Site& anchor);
  // Nothing could be said; an outcome that holds already stays.
  void skip(std::string_view reason);

  // What was seen. Sentences are put after each other.
  void say(std::string_view sentence);
  void fix(std::string_view text) { finding_.fix = text; }
  void endpoint(std::string_view endpoint) { finding_.endpoint = endpoint; }

  bool holds() const { return holds_; }
  std::size_t places() const { return finding_.places.size(); }

  // Places sorted, each once; the verdict is the catalogue's severity when it holds.
  Finding take();

 private:
  Finding finding_;
  bool holds_ = false;
  bool is_skipped_ = false;
};

}  // namespace latchkey::doctor
