#include "flows/change_keys.h"

namespace latchkey::flows {

bool change_keys(domain::Store& store, PlanKeys plan, const std::optional<domain::Event>& event) {
  while (true) {
    const auto stored = store.read([](const domain::Tx& tx) { return tx.keys().list(); });
    const auto change = plan(stored);
    if (!change) return false;
    const auto written = store.transact([&](domain::Tx& tx) -> base::Result<bool> {
      if (tx.keys().list() != stored) return false;
      for (const auto& key : change->upserts) tx.keys().put(key);
      for (const auto& kid : change->deletes) tx.keys().erase(kid);
      if (event) tx.events().append(*event);
      return true;
    });
    if (*written) return true;  // the work above never fails
  }
}

}  // namespace latchkey::flows
