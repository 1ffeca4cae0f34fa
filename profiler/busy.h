#pragma once

namespace alert {

/// How much of the processor other programs took since it was made: what tells that a machine is
/// not quiet. Reads /proc/stat and this process's own CPU time.
class OthersBusy {
   public:
    OthersBusy();

    /// Share (0..1) of all cores' time that others took; 0 where the kernel does not tell.
    double share() const;

   private:
    struct Times {
        double busy_s = 0, own_s = 0, at_s = 0;
    };
    static Times read();
    Times start_;
};

}  // namespace alert
