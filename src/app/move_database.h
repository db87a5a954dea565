// Moves everything from one database to another, each named by settings as a server would have them.
#pragma once

#include <expected>
#include <variant>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/settings.h"
#include "storage/transfer/mover.h"

namespace latchkey::app {

// What stood in the way: a database (with Error.message for people), or what is in it.
using MoveFailure = std::variant<base::Error, storage::transfer::MoveError>;

// What a move would do. Changes nothing.
std::expected<storage::transfer::Plan, MoveFailure> plan_move(const config::Settings& from,
                                                              const config::Settings& to,
                                                              const base::Clock& clock, base::Logger& log);

// Moves. When it fails, or the process ends, the same call goes on with it.
std::expected<storage::transfer::MoveReport, MoveFailure> move_database(const config::Settings& from,
                                                                        const config::Settings& to,
                                                                        const base::Clock& clock,
                                                                        base::Logger& log,
                                                                        storage::transfer::Report report);

}  // namespace latchkey::app
