// From the domain's types to what goes over the wire.
#pragma once

#include "api/dto/account.h"
#include "api/dto/session.h"
#include "flows/signed_in.h"

namespace latchkey::api {

UserAnswer make_user_answer(const domain::User& user);
SessionAnswer make_session_answer(const flows::SignedIn& signed_in);
SessionRow make_session_row(const domain::Session& session, domain::SessionId current);

}  // namespace latchkey::api
