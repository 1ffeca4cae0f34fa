#include "core/method/controller.h"

#include "core/method/select.h"

namespace alert {

Decision Controller::next(const Goal& goal) {
    const Selection selection = select(predictor_.estimate(goal), goal);
    Decision decision = predictor_.describe(selection.slot);
    decision.feasible = selection.feasible;
    return decision;
}

void Controller::rehearse(const Goal& goal) {
    predictor_.rehearse();
    next(goal);
}

FixedScheme::FixedScheme(const Profile& profile, std::size_t configuration, Estimator estimator)
    : predictor_(profile, estimator), slot_(predictor_.table().slot_of(configuration)) {}

Decision FixedScheme::next(const Goal& goal) {
    predictor_.estimate(goal);
    return predictor_.describe(slot_);
}

}  // namespace alert
