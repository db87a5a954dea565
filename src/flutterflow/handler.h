// What happens when a person presses a button: the actions of a handler in their order, under which
// conditions, and where their values come from.
//
// A handler is the body behind onPressed, onTap, onFieldSubmitted …, a page's initState, an action block, a
// custom action. Action blocks and the project's own functions that a handler calls are followed into
// (bounded), so that their steps stand in the handler where the call stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flutterflow/project.h"

namespace latchkey::flutterflow {

enum class StepKind : std::uint8_t {
  api_call,       // call; arguments
  custom_action,  // name; arguments; its own steps follow when its source is there
  sign_in,        // arguments
  update_user,    // updateAuthUserData; arguments
  sign_out,
  prepare_auth,    // prepareAuthEvent
  clear_redirect,  // clearRedirectLocation
  navigate,   // name: route name or widget; method: goNamed, pushNamed, goNamedAuth, pushReplacement, pop, …;
              // pages
  show,       // snack bar, dialog, bottom sheet, toast: something the person sees
  set_state,  // name: `_model.x`, `FFAppState().y`, a local; value
  log,        // print, debugPrint, log; arguments
  http,       // own HTTP code: http.post(…), dio.get(…)
  exit,       // return, throw; value
  non_null,   // `x!`; value: x
  cast,       // `x as T`, T not nullable; value: x
  other,      // any other call; name
};

// One branch taken on the way to a step. What follows an `if` whose one arm always leaves stands in the other
// arm.
struct Branch {
  enum class Kind : std::uint8_t { then, otherwise, case_, loop, trying, catching } kind = Kind::then;
  bool by_throw = false;     // follows from an arm that throws, so it also holds for who called the function
  std::uint32_t id = 0;      // of the statement, unique in the handler
  std::uint32_t arm = 0;     // two steps under the same id and different arms exclude each other
  std::uint32_t before = 0;  // steps before the condition was looked at
  std::uint32_t frame = 0;   // where the condition stands
  dart::ExpressionPtr condition = nullptr;  // null for trying and catching; of a case: the switch's value
};

struct Step {
  StepKind kind = StepKind::other;
  bool is_deferred =
      false;  // in a closure that runs later: `navigate = () => …`; left out when nobody calls it
  bool is_awaited = false;
  bool is_local = false;     // of set_state: a local variable
  std::uint32_t frame = 0;   // index into Handler::frames
  std::uint32_t callee = 0;  // the frame that was followed into, 0 when none
  std::string name = {};
  std::string method = {};
  const ApiCall* call = nullptr;
  dart::ExpressionPtr expression = nullptr;  // the whole call or assignment
  dart::List<dart::Argument> arguments = {};
  dart::ExpressionPtr value = nullptr;
  std::string result = {};  // where the result goes: `_model.apiResult1`, `response`; empty when dropped
  std::vector<const Page*> pages = {};  // of navigate: the project's pages it may lead to
  std::vector<Branch> path = {};        // outermost first
  Site site = {};

  // The value of an argument, or null when it is not there.
  dart::ExpressionPtr argument(std::string_view argument_name) const;
};

// A function whose steps stand in the handler. frames[0] is the handler's own.
struct Frame {
  const dart::Function* function = nullptr;
  const dart::Function* outer = nullptr;  // of a closure in a widget's code: the function it stands in
  const dart::Class* owner = nullptr;     // null for a top-level function
  const SourceUnit* unit = nullptr;
  std::uint32_t parent = 0;  // who called it
  std::uint32_t before = 0;  // steps before its call was made: its arguments are resolved there
  std::uint32_t depth = 0;
  bool is_local = false;               // a function inside the parent: sees its variables
  dart::ExpressionPtr call = nullptr;  // null for the handler's own
};

enum class HandlerKind : std::uint8_t {
  gesture,
  page_load,
  app_start,
  build,         // calls that building the widget makes: `FutureBuilder(future: XCall.call())`
  action_block,  // this one and the next two only when nobody calls them: else they stand where they are
                 // called
  custom_action,
  other,
};

struct Handler {
  HandlerKind kind = HandlerKind::other;
  bool is_reachable = true;    // see Page::is_reachable; an action block nobody calls is not, nor what stands
                               // under `if (false)`
  std::string trigger = {};    // onPressed, initState, …
  const Page* page = nullptr;  // null when it belongs to none
  const dart::Function* function = nullptr;
  std::vector<Frame> frames = {};
  std::vector<Step> steps = {};  // in source order
  Site site = {};

  // Whether one run can make both steps, as far as the branches tell.
  static bool compatible(const Step& a, const Step& b);
};

// Where a value comes from.
enum class OriginKind : std::uint8_t {
  literal,  // text
  null_value,
  answer,         // of an API call: call, step, json_path; or of own HTTP code: step alone
  custom_result,  // of a custom action or function: name
  auth_manager,   // currentAuthenticationToken, currentUserUid …: name
  app_state,      // FFAppState().x not set in this handler: name
  page_state,     // _model.x not set in this handler: name
  parameter,      // widget.x, a parameter of an action block: name
  text_field,     // a text controller: name
  struct_field,   // of a struct: struct_type, field, name; from[0] says where the struct comes from
  expression,     // several values put together: from
  unknown,
};

struct Origin {
  OriginKind kind = OriginKind::unknown;
  std::string text = {};  // literal
  std::string name = {};
  const ApiCall* call = nullptr;
  const Step* step = nullptr;  // the step that made it, in the same handler; null when unknown
  // Inside the answer's JSON, `$` for the whole; empty for the response itself, whose `succeeded`,
  // `statusCode` … is then in `name`. Of a struct field that was read from an answer as well.
  std::string json_path = {};
  std::string getter = {};  // name of the call's getter, when it was read through one
  const StructType* struct_type = nullptr;
  const StructField* field = nullptr;
  // What was done to it on the way, outermost last: "toString", "?.toString", "interpolation",
  // "castToType<String>", "!", "as String",
  // "?? ''", "valueOrDefault", "dateTimeFromSecondsSinceEpoch", "functions.x", … A path step forgets what
  // came before it.
  std::vector<std::string> conversions = {};
  std::vector<Origin> from = {};  // what it was made of
  std::string part = {};          // in the `from` of a struct's constructor or a map: the field

  // This origin and all it was made of, outermost first.
  std::vector<const Origin*> all() const;
  bool comes_from(const Step& made_by) const;
  bool converted_by(std::string_view conversion) const;
};

struct Handlers {
  std::vector<std::unique_ptr<Handler>> all = {};
};

// The project must outlive what is answered.
Handlers read_handlers(const Project& project);

// Follows `expression`, which stands in `frame` of `handler` right before step `before` (an index into
// steps), back to where its value comes from. Looks through locals, `_model` and app state set earlier in the
// same handler, parameters of functions that were followed, getters of calls, `??`, conversions, struct
// constructors. Bounded.
Origin resolve(const Project& project, const Handler& handler, std::size_t before, std::uint32_t frame,
               dart::ExpressionPtr expression);
// The same for a value that stands in a step.
Origin resolve(const Project& project, const Handler& handler, const Step& step,
               dart::ExpressionPtr expression);

// Whether the branch looks at the outcome of `call`: `succeeded`, the status, or a value of its answer.
bool checks_outcome(const Project& project, const Handler& handler, const Branch& branch, const Step& call);

// One argument of signIn or updateAuthUserData and where it comes from; a struct given as userData is taken
// apart into `userData.field`.
struct Mapping {
  const Handler* handler = nullptr;
  const Step* step = nullptr;  // sign_in or update_user
  std::string argument = {};
  dart::ExpressionPtr value = nullptr;
  Origin origin = {};
};

std::vector<Mapping> read_mappings(const Project& project, const Handlers& handlers);

}  // namespace latchkey::flutterflow
