#include "core/method/alert_scheme.h"

#include "core/method/select.h"

namespace alert {

Decision AlertScheme::next(const InputGoal& goal) {
    const Selection selection = select(predictor_.estimate(goal), goal);
    Decision decision = predictor_.describe(selection.slot);
    decision.feasible = selection.feasible;
    return decision;
}

void AlertScheme::rehearse(const InputGoal& goal) {
    predictor_.rehearse();
    next(goal);
}

}  // namespace alert
