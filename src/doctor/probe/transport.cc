// Is the server there, and can a phone and a browser reach it.
#include <fmt/format.h>

#include <algorithm>

#include "doctor/probe/run.h"

namespace latchkey::doctor {
namespace {

constexpr std::chrono::days kSoon{14};

std::string words_for(http::AddressKind kind) {
  switch (kind) {
    case http::AddressKind::public_internet:
      return "a public address";
    case http::AddressKind::loopback:
      return "this machine";
    case http::AddressKind::private_network:
      return "an address of a private network";
    case http::AddressKind::link_local:
      return "an address of this cable or Wi-Fi alone";
    case http::AddressKind::shared:
      return "an address inside a provider's network";
    case http::AddressKind::reserved:
      return "an address that is not for use";
  }
  return "an address";
}

std::string day(base::Timestamp time) { return base::to_iso8601(time).substr(0, 10); }

}  // namespace

bool Run::look_at_transport() {
  const auto addresses = http::resolve_host(target_.host, options_.timeout);
  if (!addresses || addresses->empty()) {
    fail("dns", target_.host + " has no address" + (addresses ? "." : ": " + addresses.error().text + "."));
    skip_rest("The server's name leads nowhere.");
    return false;
  }
  std::string list;
  for (std::size_t i = 0; i < addresses->size() && i < 4; ++i)
    list.append(i == 0 ? "" : ", ").append((*addresses)[i].text);
  pass("dns", target_.host + " is " + list + ".");
  is_loopback_ = std::ranges::all_of(*addresses, [](const http::ResolvedAddress& address) {
    return address.kind == http::AddressKind::loopback;
  });
  const auto odd = std::ranges::find_if(*addresses, [](const http::ResolvedAddress& address) {
    return address.kind != http::AddressKind::public_internet;
  });
  if (is_loopback_) {
    pass("private_address",
         "It is this machine, which is fine for trying things out; phones and FlutterFlow's test mode cannot "
         "reach it.");
  } else if (odd != addresses->end()) {
    fail("private_address", odd->text + " is " + words_for(odd->kind) + ".");
  } else {
    pass("private_address", "It has a public address.");
  }
  const bool is_local =
      odd != addresses->end() && (is_loopback_ || odd->kind == http::AddressKind::private_network);

  http::ClientTarget target{.host = target_.host,
                            .port = target_.port,
                            .tls = target_.is_tls,
                            .trusted_certificate = options_.trusted_certificate,
                            .reports_trust = target_.is_tls};
  auto client = http::Client::open(target, {.timeout = options_.timeout});
  if (!client) {
    const http::ClientFailure& failure = client.error();
    if (failure.stage == http::ClientFailure::Stage::handshake) {
      pass("tcp", "Port " + std::to_string(target_.port) + " accepts connections.");
      fail("tls_chain",
           "There is no TLS to be had with it: " + failure.text + ". Is https right, and the port?");
    } else {
      fail("tcp", fmt::format("Port {} of {}: {}.", target_.port, target_.host, failure.text));
    }
    skip_rest("Nothing could be asked.");
    return false;
  }
  pass("tcp", "Port " + std::to_string(target_.port) + " accepts connections.");
  prober_.emplace(options_, world_, progress_, target, is_local);
  const bool has_secure_origin =
      options_.origins.empty() || std::ranges::any_of(options_.origins, [](const std::string& origin) {
        return origin.starts_with("https://");
      });
  if (target_.is_tls) {
    pass("cleartext", "It is https.");
    pass("mixed_content", "It is https.");
    look_at_tls(*client->peer_tls());
    const auto is_bad = [&](std::string_view id) {
      return std::ranges::any_of(report_.findings, [&](const Finding& finding) {
        return finding.id == id && finding.verdict == Verdict::fail;
      });
    };
    if (is_bad("tls_chain") || is_bad("tls_name") || is_bad("tls_expiry")) {
      skip_rest(
          "The certificate is not in order, so nothing was sent: whoever answers might be somebody else. "
          "For a certificate of your own authority give --trust FILE.");
      return false;
    }
  } else {
    for (const std::string_view id : {"tls_chain", "tls_name", "tls_expiry", "tls_version"}) {
      skip(id, "The address begins with http://.");
    }
    if (is_loopback_) {
      pass("cleartext", "It is http, but on this machine only.");
      pass("mixed_content", "Browsers let pages call this machine over http.");
    } else {
      fail("cleartext", "The address begins with http://.");
      if (has_secure_origin) {
        fail("mixed_content", "A published web app is an https page, and the address begins with http://.");
      } else {
        pass("mixed_content", "The origins that were given are http as well.");
      }
    }
  }
  return true;
}

void Run::look_at_tls(const http::TlsPeer& peer) {
  const base::Timestamp now = world_.clock.now();
  const bool is_expired = peer.not_after < now;
  if (!peer.has_trust_store) {
    skip("tls_chain", "This machine has no list of authorities to check the certificate with.");
  } else if (peer.is_trusted || is_expired) {
    pass("tls_chain",
         "It is signed by " + (peer.issuer.empty() ? std::string("a trusted authority") : peer.issuer) + ".");
  } else {
    fail("tls_chain",
         peer.is_self_signed
             ? "It is signed by itself."
             : peer.chain_problem +
                   (peer.chain_length < 2
                        ? ". The server sends its own certificate only: the one in between is missing."
                        : "."));
  }
  if (peer.matches_name) {
    pass("tls_name", "It names " + target_.host + ".");
  } else {
    std::string names;
    for (std::size_t i = 0; i < peer.names.size() && i < 5; ++i)
      names.append(i == 0 ? "" : ", ").append(peer.names[i]);
    fail("tls_name",
         "It is for " + (names.empty() ? peer.subject : names) + ", not for " + target_.host + ".");
  }
  if (is_expired) {
    fail("tls_expiry", "It ended on " + day(peer.not_after) + ".");
  } else if (peer.not_after < now + kSoon) {
    set("tls_expiry", Verdict::warn, "It ends on " + day(peer.not_after) + ".");
  } else if (peer.not_before > now) {
    fail("tls_expiry", "It begins on " + day(peer.not_before) + " only.");
  } else {
    pass("tls_expiry", "It lasts until " + day(peer.not_after) + ".");
  }
  if (peer.protocol == "TLSv1.2" || peer.protocol == "TLSv1.3") {
    pass("tls_version", peer.protocol);
  } else {
    fail("tls_version", "It speaks " + peer.protocol + " at best.");
  }
}

// What is known only after all requests.
void Run::finish_transport() {
  const std::string& page = prober_->page_in_front();
  if (page.empty()) {
    pass("interstitial_page", "The server itself answers.");
  } else {
    fail("interstitial_page", "What answers is " + page + ".");
  }
  if (prober_->slowest() > options_.slow_after) {
    fail("slow_answer", fmt::format("{} took {:.1f} s.", prober_->slowest_what(),
                                    static_cast<double>(prober_->slowest().count()) / 1000));
  } else {
    pass("slow_answer", fmt::format("The slowest answer took {} ms.", prober_->slowest().count()));
  }
  if (prober_->leaks().empty()) {
    pass("internals_leaked", "No error answer showed any.");
  } else {
    fail("internals_leaked", prober_->leaks().front() + ".");
  }
  pass("redirect_changes_method", "No call was sent elsewhere.");
  if (prober_->has_seen_limit()) {
    pass("rate_limited", "The server speaks of a limit on tries.");
  } else if (!login_) {
    skip("rate_limited", "There is no login to try.");
  } else {
    set("rate_limited", Verdict::ask,
        "Is there a limit on how often a password may be tried? A few wrong tries in a row were answered at "
        "once, and "
        "no answer speaks of a limit (RateLimit headers, 429).");
  }
}

}  // namespace latchkey::doctor
