#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/engine/form.h"
#include "profiler/engine/trial_message.h"

namespace alert {

/// The result of a form other than the plain one.
struct TriedForm {
    NetworkForm form;
    std::optional<double> relative = {};  ///< its time relative to the plain form's
    std::string why_not = {};             ///< the reason if `relative` is empty
};

struct TrialResult {
    double plain_s = 0;  ///< time of a run of the plain form
    std::vector<TriedForm> forms;
};

/// What all trials of a family have in common.
struct TrialSetUp {
    std::string inputs;         ///< two inputs, as pickle_save writes them
    std::string data_file;      ///< their source, for error lines
    std::int64_t greatest = 0;  ///< greatest label
    int threads = 1;
    bool may_fuse = false;
    double patience_s = 0;  ///< time limit for a run of the plain form; the most for another form
};

/// Tries networks in a separate process, since LibTorch may crash or hang. One process serves one
/// network after the other, and is started again if it died or had to be killed. It dies with this
/// process, however that ends.
class TrialProcess {
   public:
    explicit TrialProcess(TrialSetUp set_up);
    ~TrialProcess();
    TrialProcess(const TrialProcess&) = delete;
    TrialProcess& operator=(const TrialProcess&) = delete;

    /// `watch` is called ten times a second with what is being done. Throws RequestError if the
    /// network is refused, crashes or hangs in its plain form, Interrupted if `stop` was set, and
    /// Error if trials are not possible.
    TrialResult try_network(const std::filesystem::path& file,
                            const std::function<void(std::string_view)>& watch,
                            const std::atomic<bool>& stop);

   private:
    using Watch = std::function<void(std::string_view)>;

    void make_ready(const Watch& watch, const std::atomic<bool>& stop);
    void start();
    void end();
    [[noreturn]] void refuse(const std::filesystem::path& file, bool ended);
    std::string how_it_ended();
    std::optional<TrialMessage> wait(double limit_s, std::string_view doing, const Watch& watch,
                                     const std::atomic<bool>& stop) const;

    TrialSetUp set_up_;
    pid_t process_ = -1;
    int socket_ = -1;
};

}  // namespace alert
