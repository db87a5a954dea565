// The master secrets, under which private keys are stored: from the settings, or from a file made at the
// first start.
#pragma once

#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/settings.h"
#include "crypto/secret_box.h"

namespace latchkey::app {

// The first secret encrypts, all decrypt. Makes the file (mode 0600, 32 random bytes as base64url) when
// neither setting nor file is there and `data_is_new`: with data but no file, a new secret could not open the
// old keys, so that is an error whose message says so. Refuses a file that others can read.
base::Result<crypto::SecretBox> open_secret_box(const config::Settings& settings, bool data_is_new,
                                                base::Random& random);

}  // namespace latchkey::app
