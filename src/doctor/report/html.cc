// The report as one page that can be sent to a colleague: no scripts, nothing from elsewhere, readable on a
// phone and on paper. What folds is <details>.
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "doctor/report/parts.h"
#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

// Colours have a contrast of 4.5 to 1 and more in both schemes; a symbol and a word stand beside each.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2430;--soft:#55616f;--line:#dde2e8;--code:#f0f2f5;
--fail:#b3202a;--warn:#8a5300;--note:#1d5fa8;--ask:#7a3aa8;--pass:#1e6f3e;--skipped:#55616f;--tint:8%}
@media(prefers-color-scheme:dark){:root{--page:#12161b;--card:#1a2027;--text:#e6eaee;--soft:#a3aeba;--line:#303943;--code:#232b34;
--fail:#ff8f93;--warn:#f2bb5c;--note:#83bdf7;--ask:#d3a6f5;--pass:#7fd49b;--skipped:#a3aeba;--tint:14%}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;line-height:1.3;margin:2.25rem 0 .75rem}
h3{display:inline;font-size:1rem;line-height:1.4;margin:0;font-weight:600}
p{margin:.5rem 0}
.soft,dt{color:var(--soft)}
.meta{font-size:.9rem;margin:0}
.counts{list-style:none;display:flex;flex-wrap:wrap;gap:.5rem;padding:0;margin:1.25rem 0}
.counts li{border:1px solid var(--line);background:var(--card);border-radius:999px;padding:.25rem .85rem;font-size:.95rem}
.counts b{color:var(--mark);font-variant-numeric:tabular-nums}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.first{padding:1rem 1.25rem;border-left:5px solid var(--mark)}
.first h2{margin:0 0 .25rem;font-size:.95rem;font-weight:600;color:var(--mark)}
.first .what{font-size:1.15rem;font-weight:600;margin:0}
nav{font-size:.95rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;padding:0;margin:1rem 0}
a{color:inherit;text-underline-offset:3px}
.list{margin:0 0 .75rem}
details{border-top:1px solid var(--line)}
details:first-child{border-top:0}
summary{display:flex;gap:.7rem;align-items:baseline;padding:.75rem 1.25rem;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary::after{content:"";flex:none;align-self:center;width:.5rem;height:.5rem;margin:0 .15rem 0 auto;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(45deg)}
details[open]>summary::after{transform:rotate(-135deg)}
summary:focus-visible,a:focus-visible{outline:3px solid var(--note);outline-offset:-3px;border-radius:8px}
.verdict{flex:none;display:inline-flex;gap:.35rem;min-width:7.2rem;font-size:.85rem;font-weight:600;color:var(--mark)}
.verdict i{font-style:normal;width:1.1em;text-align:center}
.fail{--mark:var(--fail)}.warn{--mark:var(--warn)}.note{--mark:var(--note)}.ask{--mark:var(--ask)}.pass{--mark:var(--pass)}.skipped{--mark:var(--skipped)}
.body{padding:0 1.25rem 1.1rem}
.body>p:first-child{margin-top:0}
.evidence{white-space:pre-line;overflow-wrap:anywhere}
dl{margin:.75rem 0 0;display:grid;grid-template-columns:auto 1fr;gap:.4rem .9rem}
dt{font-weight:600;font-size:.9rem;padding-top:.1rem}
dt:has(+.fix){padding-top:.5rem}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
.fix{background:color-mix(in srgb,var(--pass) var(--tint),transparent);border-radius:8px;padding:.45rem .75rem}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{overflow-wrap:anywhere}
ol.places{margin:.6rem 0 0;padding:0;list-style:none}
ol.places li{margin:.35rem 0}
ol.places code{display:block;background:var(--code);border-radius:6px;padding:.3rem .6rem;white-space:pre-wrap}
ol.places .where{font-size:.9rem;color:var(--soft);overflow-wrap:anywhere}
ul.plain{margin:0;padding:0 1.25rem 1rem 2.4rem}
ul.plain:first-child{padding-top:.9rem}
ul.plain li{margin:.2rem 0}
.id{font-size:.8rem;color:var(--soft)}
pre{overflow-x:auto;padding:1rem 1.25rem;margin:0}
footer{padding:2rem 1.25rem 3rem;font-size:.9rem;color:var(--soft)}
@media(max-width:34rem){header{padding-top:1.25rem}summary{flex-wrap:wrap;gap:.1rem .7rem;padding:.7rem 1rem;position:relative}
summary::after{position:absolute;right:1rem;top:1rem}.verdict{width:100%}.body{padding:0 1rem 1rem}dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.4rem}}
@media print{:root{--page:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--code:#f4f4f4;--fail:#b3202a;--warn:#8a5300;--note:#1d5fa8;--ask:#7a3aa8;--pass:#1e6f3e;--skipped:#444}
body{font-size:11pt}main,header,footer{max-width:none;padding:0}nav{display:none}summary::after{display:none}summary,.first,ol.places li{break-inside:avoid}
h2,summary{break-after:avoid}pre{white-space:pre-wrap}details::details-content{content-visibility:visible;block-size:auto}}
)";

struct Look {
  std::string_view symbol, word;
};

Look look_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return {"✓", "Passed"};
    case Verdict::note:
      return {"i", "Note"};
    case Verdict::skipped:
      return {"–", "Not checked"};
    case Verdict::ask:
      return {"?", "Question"};
    case Verdict::warn:
      return {"!", "Warning"};
    case Verdict::fail:
      return {"✗", "Failure"};
  }
  return {"✗", "Failure"};
}

// Text as the content of an element or of a quoted attribute.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : harmless(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

class Page {
 public:
  explicit Page(const Report& report) : report_(report), sections_(by_section(report)) {}

  std::string write() {
    write_head();
    out_ += "<main>\n";
    write_first();
    write_problems();
    write_contents();
    for (const SectionFindings& section : sections_) write_section(section);
    write_flow();
    out_ +=
        "</main>\n<footer><p>Made by Latchkey doctor. Tokens, passwords and other secrets are shown by their "
        "first "
        "characters only.</p></footer>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void write_head() {
    out_ +=
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n";
    put("<title>Doctor: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
        escaped(harmless_line(report_.target)), kStyle);
    put("<header>\n<h1>{}</h1>\n<p class=\"meta soft\">{} looked at by Latchkey doctor {}{}</p>\n",
        escaped(harmless_line(report_.target)),
        report_.kind == Report::Kind::server ? "A server" : "A FlutterFlow project", escaped(base::version()),
        report_.started_at.empty() ? "" : ", " + escaped(report_.started_at));
    out_ += "<ul class=\"counts\">\n";
    for (const Verdict verdict :
         {Verdict::fail, Verdict::warn, Verdict::note, Verdict::ask, Verdict::pass, Verdict::skipped}) {
      const std::size_t count = report_.count(verdict);
      if (count == 0 && verdict != Verdict::fail) continue;
      put("<li class=\"{}\"><b>{}</b> {}</li>\n", to_string(verdict), count, plural(verdict, count));
    }
    out_ += "</ul>\n</header>\n";
  }

  static std::string_view plural(Verdict verdict, std::size_t count) {
    switch (verdict) {
      case Verdict::pass:
        return "passed";
      case Verdict::note:
        return count == 1 ? "note" : "notes";
      case Verdict::skipped:
        return "not checked";
      case Verdict::ask:
        return count == 1 ? "question for you" : "questions for you";
      case Verdict::warn:
        return count == 1 ? "warning" : "warnings";
      case Verdict::fail:
        return count == 1 ? "failure" : "failures";
    }
    return "";
  }

  void write_first() {
    const Finding* first = report_.first_to_fix();
    if (first == nullptr) {
      if (report_.count(Verdict::pass) > 0)
        out_ +=
            "<section class=\"card first pass\"><h2>Nothing to fix</h2>\n<p class=\"what\">No check failed "
            "and none "
            "warns.</p></section>\n";
      return;
    }
    const Texts texts = texts_of(*first);
    put("<section class=\"card first {}\"><h2>Fix this first</h2>\n<p class=\"what\">{}</p>\n<p>{}</p>\n<p "
        "class=\"fix\">{}</p>\n"
        "<p class=\"meta\"><a href=\"#{}\">Where it was found</a></p></section>\n",
        to_string(first->verdict), escaped(texts.title), escaped(texts.why), escaped(texts.fix),
        anchor(*first));
  }

  void write_problems() {
    if (report_.problems.empty()) return;
    out_ += "<h2>What could not be looked at</h2>\n<div class=\"card\"><ul class=\"plain\">\n";
    for (const std::string& problem : report_.problems)
      put("<li class=\"evidence\">{}</li>\n", escaped(problem));
    out_ += "</ul></div>\n";
  }

  void write_contents() {
    out_ += "<nav aria-label=\"Sections\"><ul>\n";
    for (const SectionFindings& section : sections_)
      put("<li><a href=\"#section-{}\">{}</a></li>\n", to_string(section.section),
          escaped(title_of(section.section)));
    if (!report_.flow_text.empty()) out_ += "<li><a href=\"#found\">What was found</a></li>\n";
    out_ += "</ul></nav>\n";
  }

  void write_section(const SectionFindings& section) {
    put("<section aria-labelledby=\"section-{0}\">\n<h2 id=\"section-{0}\">{1}</h2>\n<div class=\"card "
        "list\">\n",
        to_string(section.section), escaped(title_of(section.section)));
    for (const Verdict verdict : {Verdict::fail, Verdict::warn, Verdict::ask, Verdict::note}) {
      for (const Finding* finding : section.findings) {
        if (finding->verdict == verdict) write_finding(*finding);
      }
    }
    write_folded(section, Verdict::pass);
    write_folded(section, Verdict::skipped);
    out_ += "</div>\n</section>\n";
  }

  void write_finding(const Finding& finding) {
    const Texts texts = texts_of(finding);
    const bool is_open = finding.verdict != Verdict::note;
    put("<details class=\"{}\" id=\"{}\"{}><summary>", to_string(finding.verdict), anchor(finding),
        is_open ? " open" : "");
    write_verdict(finding.verdict);
    put("<h3>{}</h3></summary>\n<div class=\"body\">\n", escaped(texts.title));
    if (!finding.endpoint.empty()) put("<p><code>{}</code></p>\n", escaped(finding.endpoint));
    if (!finding.evidence.empty()) put("<p class=\"evidence\">{}</p>\n", escaped(finding.evidence));
    write_places(finding);
    out_ += "<dl>\n";
    if (!texts.why.empty()) put("<dt>Why</dt><dd>{}</dd>\n", escaped(texts.why));
    if (!texts.fix.empty()) put("<dt>Fix</dt><dd class=\"fix\">{}</dd>\n", escaped(texts.fix));
    put("</dl>\n<p class=\"id\">Check: <code>{}</code></p>\n</div></details>\n", escaped(finding.id));
  }

  void write_verdict(Verdict verdict) {
    const Look look = look_of(verdict);
    put("<span class=\"verdict\"><i aria-hidden=\"true\">{}</i>{}</span>", look.symbol, look.word);
  }

  void write_places(const Finding& finding) {
    if (finding.places.empty()) return;
    out_ += "<ol class=\"places\">\n";
    for (const Place& place : finding.places) {
      put("<li><span class=\"where\">{}</span>", escaped(harmless_line(where(place))));
      if (!place.expression.empty()) put("<code>{}</code>", escaped(place.expression));
      out_ += "</li>\n";
    }
    out_ += "</ol>\n";
  }

  void write_folded(const SectionFindings& section, Verdict verdict) {
    std::string items;
    std::size_t count = 0;
    for (const Finding* finding : section.findings) {
      if (finding->verdict != verdict) continue;
      ++count;
      fmt::format_to(std::back_inserter(items), "<li>{} <span class=\"id\">{}</span>",
                     escaped(texts_of(*finding).title), escaped(finding->id));
      if (!finding->evidence.empty())
        fmt::format_to(std::back_inserter(items), "<br><span class=\"soft evidence\">{}</span>",
                       escaped(finding->evidence));
      items += "</li>\n";
    }
    if (count == 0) return;
    put("<details class=\"{}\"><summary>", to_string(verdict));
    write_verdict(verdict);
    put("<h3>{} {}</h3></summary>\n<ul class=\"plain\">\n{}</ul></details>\n", count,
        count == 1 ? "check" : "checks", items);
  }

  void write_flow() {
    if (report_.flow_text.empty()) return;
    put("<section aria-labelledby=\"found\"><h2 id=\"found\">What was found</h2>\n<div class=\"card\"><pre "
        "tabindex=\"0\">{}</pre></div></section>\n",
        escaped(report_.flow_text));
  }

  // Checks of a server may stand there once for each endpoint, so the place in the report is part of the
  // name.
  std::string anchor(const Finding& finding) const {
    return fmt::format("finding-{}", &finding - report_.findings.data() + 1);
  }

  const Report& report_;
  std::vector<SectionFindings> sections_;
  std::string out_;
};

}  // namespace

std::string render_html(const Report& report) { return Page(report).write(); }

}  // namespace latchkey::doctor
