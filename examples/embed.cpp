// The controller in a program of one's own: an anytime network, sentences whose words share one
// deadline, and the profile given in code. Needs alert::core and nothing else.
//
// Half way through, the machine gets two and a half times slower, as beside another program. The
// network then stops earlier, so that the sentences end in time all the same.

#include <alert/controller.h>
#include <alert/input_cycle.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <thread>

namespace {

// Any clock will do that never goes back; all times are seconds on it.
double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// Stands for a network of three stages, each of which gives a better answer than the one before:
// computes for as long as it would take.
class Network {
   public:
    double slowdown = 1;

    void start() { stage_ = 0; }

    void run_next_stage() {
        static constexpr double kStages_s[] = {0.001, 0.002, 0.003};
        const double end_s = now_s() + slowdown * kStages_s[stage_++];
        while (now_s() < end_s) {
        }
    }

    int stages_run() const { return stage_; }

   private:
    int stage_ = 0;
};

// What was measured beforehand on a quiet machine: when each stage ends, counted from the start,
// and how often its answer is right. Without a power knob there is one setting.
const alert::Profile kProfile{
    .models = {"nested"},
    .settings = {"as it is"},
    .fail_accuracy = 0.1,  // no answer in time is worth a guess among ten classes
    .configurations = {
        {.model = 0, .setting = 0, .stage = 1, .latency_s = 0.001, .accuracy = 0.70},
        {.model = 0, .setting = 0, .stage = 2, .latency_s = 0.003, .accuracy = 0.85},
        {.model = 0, .setting = 0, .stage = 3, .latency_s = 0.006, .accuracy = 0.93}}};

constexpr std::size_t kWords = 4;  // of a sentence

struct Count {
    int stages = 0, late = 0;
};

// One word: asks what to run, runs it stage by stage, and says when each stage ended. What became
// of the word is learnt when the next one arrives.
void answer(alert::InputCycle& cycle, Network& network, const alert::Arrival& arrival,
            Count& count) {
    cycle.arrived(arrival, now_s());
    if (cycle.ready(now_s())) {  // else the deadline has passed: there is no use in starting
        network.start();
        const double start_s = now_s();
        alert::AfterStage stage;
        do {
            network.run_next_stage();
            stage = cycle.stage_ended(now_s() - start_s);
        } while (stage.go_on);
        count.stages += network.stages_run();
    }
    count.late += cycle.result().met_deadline ? 0 : 1;
}

}  // namespace

int main() {
    constexpr double kPeriod_s = 0.040;  // a sentence arrives every 40 ms ...
    alert::Controller controller(kProfile);
    alert::InputCycle cycle(controller, {.goal = {.deadline_s = 0.032, .period_s = kPeriod_s},
                                         .inputs_per_group = kWords});  // ... and has 32 ms
    Network network;
    std::size_t sentence = 0;
    const double first_s = now_s();
    for (const bool slowed : {false, true}) {
        network.slowdown = slowed ? 2.5 : 1;
        Count count;
        for (int i = 0; i < 20; ++i, ++sentence) {
            const double arrives_s = first_s + static_cast<double>(sentence) * kPeriod_s;
            if (arrives_s > now_s()) {
                std::this_thread::sleep_for(std::chrono::duration<double>(arrives_s - now_s()));
            }
            for (std::size_t word = 0; word < kWords; ++word) {
                answer(cycle, network,
                       {.at_s = arrives_s,
                        .place = {.group = sentence, .position = word, .size = kWords}},
                       count);
            }
        }
        std::printf("%s 20 sentences of %zu words: %.2f stages a word, %d words late\n",
                    slowed ? "slowed:" : "quiet: ", kWords, count.stages / (20.0 * kWords),
                    count.late);
    }
}
