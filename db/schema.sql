-- The alert store, version 1. Units are in the column names; what was not measured is null;
-- booleans are 0 or 1; times of day are UTC, ISO 8601. docs/store.md explains every column.

-- The computer something was measured on.
CREATE TABLE machine (
    id INTEGER PRIMARY KEY,
    hostname TEXT NOT NULL,
    cpu TEXT NOT NULL,
    cores INTEGER NOT NULL,
    kernel TEXT NOT NULL,
    libtorch_version TEXT NOT NULL,
    alert_version TEXT NOT NULL,
    memory_bytes INTEGER NOT NULL,
    system_id TEXT NOT NULL,        -- hash of /etc/machine-id; empty: none, or in a container
    UNIQUE (hostname, cpu, cores, kernel, libtorch_version, alert_version, memory_bytes, system_id)
);

-- What `alert profile` was asked for, and where it was done.
CREATE TABLE profile (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    machine_id INTEGER NOT NULL REFERENCES machine,
    task TEXT NOT NULL,
    data_file TEXT NOT NULL,
    data_hash TEXT NOT NULL,        -- of its content
    models_path TEXT NOT NULL,
    power_spec TEXT NOT NULL,       -- as in --power: emulated:server
    platform_json TEXT NOT NULL,    -- the platform file; empty on hardware
    energy_source TEXT,             -- measured:... or modelled:...; null: no energy
    energy_resolution_s REAL,       -- between two moves of the meter's reading; null: no meter, or
                                    -- a modelled one, which is exact
    idle_power_w REAL,              -- power at rest
    device TEXT NOT NULL,
    threads INTEGER NOT NULL,
    inputs INTEGER NOT NULL,        -- asked number of inputs for the accuracy
    precision REAL NOT NULL,        -- asked relative half-width of the mean latency
    rest_s REAL NOT NULL,           -- rest before a timed inference, with groups before a group
    fail_accuracy REAL NOT NULL,    -- accuracy of giving no answer in time
    top INTEGER NOT NULL,           -- an answer is right when the label is among so many best
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    warnings TEXT NOT NULL          -- why the numbers may be doubtful, one a line
);

-- What `alert trace` was asked for, and where it was done. Without a comment: as in profile.
CREATE TABLE trace (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    machine_id INTEGER NOT NULL REFERENCES machine,
    task TEXT NOT NULL,
    data_file TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    models_path TEXT NOT NULL,
    power_spec TEXT NOT NULL,
    platform_json TEXT NOT NULL,
    energy_source TEXT,
    idle_power_w REAL,              -- power at rest, where no sample says otherwise
    device TEXT NOT NULL,
    threads INTEGER NOT NULL,
    inputs INTEGER NOT NULL,        -- asked number of inputs
    environment TEXT NOT NULL,      -- as in --environment
    seed INTEGER NOT NULL,          -- 64 bits, shown as a signed number
    rest_s REAL NOT NULL,           -- rest before every inference, with groups before a group
    fail_accuracy REAL NOT NULL,
    top INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    warnings TEXT NOT NULL
);

-- A network of a profile or of a trace.
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER REFERENCES profile,  -- null: a trace's
    trace_id INTEGER REFERENCES trace,      -- null: a profile's
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    file TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    stages INTEGER NOT NULL,        -- 0: a traditional model
    form TEXT,                      -- of its graph: plain, optimised, fused; null: not chosen
    position INTEGER NOT NULL,      -- order within the profile or trace
    UNIQUE (profile_id, name),
    UNIQUE (trace_id, name),
    CHECK ((profile_id IS NULL) <> (trace_id IS NULL))
);

-- A power setting of a profile or of a trace.
CREATE TABLE power_setting (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER REFERENCES profile,  -- null: a trace's
    trace_id INTEGER REFERENCES trace,      -- null: a profile's
    name TEXT NOT NULL,             -- as in flags: 40W
    position INTEGER NOT NULL,      -- from the least power (0) to the most
    stretch REAL NOT NULL CHECK (stretch > 0),  -- latency relative to the sampled setting
    power_w REAL,                   -- modelled power while inferring; null when measured
    sampled INTEGER NOT NULL CHECK (sampled IN (0, 1)),  -- 0: derived by stretch
    UNIQUE (profile_id, name),
    UNIQUE (trace_id, name),
    CHECK ((profile_id IS NULL) <> (trace_id IS NULL))
);

-- The setting whose samples stand for a setting: itself, or, of a derived one, the sampled setting
-- (the one of the most power, should there be several), whose latencies are stretched.
CREATE VIEW setting_source AS
SELECT s.id AS setting_id, source.id AS source_id, s.stretch / source.stretch AS stretch,
       s.profile_id, s.trace_id
FROM power_setting s
JOIN power_setting source ON source.id = CASE WHEN s.sampled THEN s.id ELSE (
    SELECT id FROM power_setting
    WHERE profile_id IS s.profile_id AND trace_id IS s.trace_id AND sampled
    ORDER BY position DESC LIMIT 1) END;

-- One output of one inference: raw data of a profile.
CREATE TABLE sample (
    model_id INTEGER NOT NULL REFERENCES model,
    setting_id INTEGER NOT NULL REFERENCES power_setting,
    round INTEGER NOT NULL,         -- order of measurement within model and setting
    stage INTEGER NOT NULL,         -- 1, 2, ...; 0: a traditional model
    input INTEGER NOT NULL,         -- position in the data file
    latency_s REAL,                 -- from the start of the inference, after the rest, to this
                                    -- output; null: not timed, as the mean was known
    latency_back_to_back_s REAL,    -- the same right after an inference; null: not timed
    power_w REAL,                   -- mean power while inferring
    idle_power_w REAL,              -- in the rest before; null: no rest, or not measured
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    log_loss REAL,                  -- -ln of the label's probability, Inf where its score is
                                    -- -inf; null: not asked for
    PRIMARY KEY (model_id, setting_id, round, stage)
) WITHOUT ROWID;

-- One workload that was executed: what was asked for, and where.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,            -- may repeat; the newest is meant
    created_at TEXT NOT NULL,
    profile_id INTEGER NOT NULL REFERENCES profile,
    scheme TEXT NOT NULL,
    estimator TEXT NOT NULL,
    objective TEXT NOT NULL CHECK (objective IN ('energy', 'accuracy', 'latency')),
    deadline_s REAL,                -- goals that were not given are null
    accuracy_goal REAL,
    energy_goal_j REAL,
    deadline_per TEXT NOT NULL      -- 'group': the inputs of a group arrive together, every
        CHECK (deadline_per IN ('input', 'group')),  -- period_s a group, and share deadline_s
    period_s REAL,
    confidence REAL,                -- null: not asked for
    miss_limit REAL NOT NULL,       -- share of misses beyond which the deadline is violated
    window_inputs INTEGER NOT NULL, -- how many inputs a goal is averaged over
    paced INTEGER NOT NULL CHECK (paced IN (0, 1)),
    seed INTEGER NOT NULL,          -- 64 bits, shown as a signed number
    kind TEXT NOT NULL CHECK (kind IN ('live', 'replay')),
    trace TEXT,                     -- null when live
    environment TEXT NOT NULL,      -- as in --environment
    energy_source TEXT,
    energy_resolution_s REAL,       -- as in profile
    data_file TEXT NOT NULL,
    data_hash TEXT NOT NULL,        -- of its content
    machine_id INTEGER NOT NULL REFERENCES machine,
    inputs_planned INTEGER NOT NULL,
    finished INTEGER NOT NULL CHECK (finished IN (0, 1)),  -- 0: still running, or killed
    warnings TEXT NOT NULL
);
CREATE INDEX run_by_label ON run (label);

-- One input of a run: what was decided for it, and what became of it.
CREATE TABLE input (
    run_id INTEGER NOT NULL REFERENCES run,
    n INTEGER NOT NULL,             -- 0, 1, 2, ... in order of arrival
    group_id INTEGER,               -- 0, 1, 2, ...; null: a deadline of its own
    model_id INTEGER NOT NULL REFERENCES model,
    stage INTEGER,                  -- that answered; null: a traditional model
    stage_limit INTEGER,            -- the last stage that the decision allowed
    setting_id INTEGER NOT NULL REFERENCES power_setting,
    deadline_s REAL,                -- held against response_s
    latency_s REAL,                 -- start of the inference to the answer; null: never started
    response_s REAL,                -- scheduled arrival to the answer; null: never started
    met_deadline INTEGER NOT NULL CHECK (met_deadline IN (0, 1)),
    energy_j REAL,                  -- of the whole period, idle rest included
    accuracy_expected REAL NOT NULL,
    correct INTEGER CHECK (correct IN (0, 1)),  -- 0: too late or not at all; null: no labels
    deadline_probability REAL,      -- as stated before the input ran
    xi_mean REAL NOT NULL,          -- slowdown the decision was made with
    xi_std REAL NOT NULL,
    idle_ratio REAL NOT NULL,
    decision_s REAL NOT NULL,
    environment TEXT NOT NULL,      -- what was running beside it
    PRIMARY KEY (run_id, n)
) WITHOUT ROWID;

-- The groups of a trace's inputs, where its data has groups.
CREATE TABLE trace_group (
    trace_id INTEGER NOT NULL REFERENCES trace,
    first INTEGER NOT NULL,         -- n of its first input
    inputs INTEGER NOT NULL CHECK (inputs > 0),
    PRIMARY KEY (trace_id, first)
) WITHOUT ROWID;

-- How much each environment of a trace slowed a known loop.
CREATE TABLE trace_contention (
    trace_id INTEGER NOT NULL REFERENCES trace,
    environment TEXT NOT NULL CHECK (environment IN ('compute', 'memory')),
    workers INTEGER NOT NULL,       -- processes that ran beside the networks
    slowdown REAL NOT NULL,         -- time of the loop beside them / alone
    PRIMARY KEY (trace_id, environment)
) WITHOUT ROWID;

-- One output of one inference: raw data of a trace. All models, stages and sampled settings of an
-- input are there, or none.
CREATE TABLE trace_sample (
    model_id INTEGER NOT NULL REFERENCES model,
    setting_id INTEGER NOT NULL REFERENCES power_setting,
    n INTEGER NOT NULL,             -- 0, 1, 2, ... in order of time
    stage INTEGER NOT NULL,         -- 1, 2, ...; 0: a traditional model
    latency_s REAL NOT NULL,        -- from the start of the inference to this output
    power_w REAL,                   -- measured while inferring; null when modelled
    idle_power_w REAL,              -- measured at rest in this environment; null when modelled
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    environment TEXT NOT NULL CHECK (environment IN ('default', 'compute', 'memory')),
    PRIMARY KEY (model_id, setting_id, n, stage)
) WITHOUT ROWID;

-- What a run came to, computed from its inputs when it ends; of a replay that kept no inputs, all
-- there is. A run that was killed has no row.
CREATE TABLE run_figures (
    run_id INTEGER PRIMARY KEY REFERENCES run,
    inputs INTEGER NOT NULL,
    deadline_misses INTEGER NOT NULL,
    accuracy REAL,                  -- mean; a missed input counts fail_accuracy
    accuracy_error REAL,            -- its standard error
    energy_j REAL,                  -- mean per input
    energy_over REAL,               -- share of inputs above the energy goal
    latency_mean_s REAL,            -- of the inputs that started
    latency_p50_s REAL,
    latency_p95_s REAL,
    latency_p99_s REAL,
    violated INTEGER NOT NULL CHECK (violated IN (0, 1)),  -- a goal; by the run's miss_limit
    violated_strict INTEGER NOT NULL CHECK (violated_strict IN (0, 1)),  -- by a limit of 1 %
    groups INTEGER,                 -- null: no shared deadline
    groups_late INTEGER             -- of which an input missed the deadline
);

-- One row per configuration. A derived setting's latency is stretched from its source's.
CREATE VIEW profile_summary AS
WITH measured AS (
    SELECT p.label AS profile, s.model_id, s.setting_id, s.stage, count(s.latency_s) AS samples,
           avg(s.latency_s) AS mean_s, avg(s.latency_back_to_back_s) AS back_to_back_s,
           avg(s.power_w) AS power_w, avg(s.idle_power_w) AS idle_power_w,
           (sum(s.latency_s * s.latency_s)
               - count(s.latency_s) * avg(s.latency_s) * avg(s.latency_s))
               / nullif(count(s.latency_s) - 1, 0) AS variance,
           count(s.power_w * s.latency_s) AS energies, avg(s.power_w * s.latency_s) AS mean_j,
           (sum(s.power_w * s.latency_s * s.power_w * s.latency_s)
               - count(s.power_w * s.latency_s)
                   * avg(s.power_w * s.latency_s) * avg(s.power_w * s.latency_s))
               / nullif(count(s.power_w * s.latency_s) - 1, 0) AS variance_j
    FROM profile p JOIN model m ON m.profile_id = p.id JOIN sample s ON s.model_id = m.id
    GROUP BY p.label, s.model_id, s.setting_id, s.stage
),
answer AS (  -- an input that was answered several times counts once
    SELECT p.label AS profile, s.model_id, s.stage, s.input, avg(s.correct) AS correct,
           avg(s.log_loss) AS log_loss
    FROM profile p JOIN model m ON m.profile_id = p.id JOIN sample s ON s.model_id = m.id
    GROUP BY p.label, s.model_id, s.stage, s.input
),
graded AS (
    SELECT profile, model_id, stage, avg(correct) AS accuracy,
           -- 9e999 is infinite: the label's score was -inf. (SQLite's own exp would do as well,
           -- but what avg makes of infinite values has changed with its versions.)
           CASE count(log_loss) WHEN count(*) THEN
               iif(max(log_loss) = 9e999, 9e999, exp(avg(log_loss))) END AS perplexity,
           CASE count(log_loss) WHEN count(*) THEN sum(log_loss = 9e999) END AS infinite_losses
    FROM answer GROUP BY profile, model_id, stage
)
SELECT p.label AS profile, m.name AS model, nullif(c.stage, 0) AS stage,
       ps.name AS power_setting,
       CASE WHEN ps.sampled THEN coalesce(c.power_w, ps.power_w) ELSE ps.power_w END AS power_w,
       c.mean_s * source.stretch AS latency_mean_s,
       sqrt(max(c.variance, 0)) * source.stretch AS latency_std_s,
       CASE WHEN ps.sampled THEN coalesce(c.power_w, ps.power_w) ELSE ps.power_w END
           * c.mean_s * source.stretch AS energy_j,
       p.energy_source, g.accuracy, p.fail_accuracy, c.samples, g.perplexity,
       -- The standard error of the mean of the samples' energies. They spread by no less than the
       -- meter's steps make them: power times step over the root of 6, as a reading at either end
       -- lags by up to a step; shared among the repeats of an inference that fill 20 steps.
       sqrt(max(ifnull(c.variance_j, 0),
                c.mean_j * c.mean_j / 6
                    * p.energy_resolution_s / max(c.mean_s, 20 * p.energy_resolution_s)
                    * p.energy_resolution_s / max(c.mean_s, 20 * p.energy_resolution_s))
            / c.energies) AS energy_error_j,
       g.infinite_losses, c.back_to_back_s * source.stretch AS latency_back_to_back_s,
       c.idle_power_w
FROM profile p
JOIN power_setting ps ON ps.profile_id = p.id
JOIN setting_source source ON source.setting_id = ps.id
JOIN measured c ON c.profile = p.label AND c.setting_id = source.source_id
JOIN graded g ON g.profile = p.label AND g.model_id = c.model_id AND g.stage = c.stage
JOIN model m ON m.id = c.model_id
ORDER BY p.id, m.position, c.stage, ps.position;

-- One row per configuration and input. A derived setting's latency is stretched from its source's.
CREATE VIEW trace_input AS
SELECT t.label AS trace, s.n, m.name AS model, nullif(s.stage, 0) AS stage,
       ts.name AS power_setting, s.latency_s * source.stretch AS latency_s,
       CASE WHEN ts.sampled THEN coalesce(s.power_w, ts.power_w) ELSE ts.power_w END AS power_w,
       coalesce(s.idle_power_w, t.idle_power_w) AS idle_power_w, t.energy_source, s.correct,
       s.environment
FROM trace t
JOIN power_setting ts ON ts.trace_id = t.id
JOIN setting_source source ON source.setting_id = ts.id
JOIN model m ON m.trace_id = t.id
JOIN trace_sample s ON s.model_id = m.id AND s.setting_id = source.source_id;

-- One row per run. A run without stored figures, because it goes on or was killed, has its number
-- of inputs; its figures are null.
CREATE VIEW run_summary AS
SELECT r.id AS run, p.label AS profile, r.scheme, r.estimator, r.objective,
       r.deadline_s, r.accuracy_goal, r.energy_goal_j,
       ifnull(f.inputs, (SELECT count(*) FROM input WHERE run_id = r.id)) AS inputs,
       f.deadline_misses, f.accuracy, f.energy_j, f.energy_over, r.energy_source,
       f.latency_p50_s, f.latency_p95_s, f.latency_p99_s, f.violated, r.kind, r.trace,
       r.environment, r.label, f.accuracy_error, f.latency_mean_s, f.groups, f.groups_late,
       r.miss_limit, f.violated_strict
FROM run r JOIN profile p ON p.id = r.profile_id LEFT JOIN run_figures f ON f.run_id = r.id;

-- One row per input, with the names `alert run --json` uses.
CREATE VIEW run_input AS
SELECT i.run_id AS run, r.label, i.n, m.name AS model, i.stage, ps.name AS power_setting,
       i.deadline_s, i.latency_s, i.response_s, i.met_deadline, i.energy_j,
       i.accuracy_expected, i.correct, i.deadline_probability, i.xi_mean, i.xi_std,
       i.idle_ratio, i.decision_s, i.stage_limit, i.environment, i.group_id
FROM input i
JOIN run r ON r.id = i.run_id
JOIN model m ON m.id = i.model_id
JOIN power_setting ps ON ps.id = i.setting_id;

-- One row per group of a run whose inputs share deadlines.
CREATE VIEW run_group AS
SELECT i.run_id AS run, r.label, i.group_id, count(*) AS inputs,
       sum(i.met_deadline) AS answered, sum(i.met_deadline) < count(*) AS late,
       max(i.response_s) AS response_s, sum(i.energy_j) AS energy_j, sum(i.correct) AS correct
FROM input i
JOIN run r ON r.id = i.run_id
WHERE i.group_id IS NOT NULL
GROUP BY i.run_id, i.group_id;
