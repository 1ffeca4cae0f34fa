#include "cli/jobs/version.h"

#include "git_version.h"

namespace alert::cli {

std::string version() {
    return ALERT_VERSION " (git " ALERT_GIT_VERSION ")";
}

}  // namespace alert::cli
