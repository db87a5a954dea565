// The host of an address, and whether it is one that only the developer's machine or network reaches.
#pragma once

#include <string>
#include <string_view>

namespace latchkey::doctor {

// `example.com` of `http://user@example.com:8080/x`, in lower case; empty without `://`.
std::string host_of(std::string_view url);

// localhost, 127.*, 10.0.2.2, a private range (RFC 1918, link-local) or the name of a tunnel service. `dev.`
// and `test.` of public names are none.
bool is_dev_host(std::string_view host);

}  // namespace latchkey::doctor
