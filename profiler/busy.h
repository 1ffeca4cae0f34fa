#pragma once

namespace alert {

/// How much of the processor other programs have used since it was made: shows that a machine is
/// not quiet. Reads /proc/stat and this process's own CPU time.
class OthersBusy {
   public:
    OthersBusy();

    /// Share (0..1) of all cores' time that other programs used; 0 if the kernel does not report
    /// it.
    double share() const;

   private:
    struct Times {
        double busy_s = 0, own_s = 0, at_s = 0;
    };
    static Times read();
    Times start_;
};

}  // namespace alert
