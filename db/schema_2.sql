-- What version 2 adds to the store: traces, and replays that are kept as figures.

-- What `alert trace` was asked for, and where it was done.
CREATE TABLE trace (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    machine_id INTEGER NOT NULL REFERENCES machine,
    task TEXT NOT NULL,
    data_file TEXT NOT NULL,
    models_path TEXT NOT NULL,
    power_spec TEXT NOT NULL,       -- as in --power: emulated:server
    platform_json TEXT NOT NULL,    -- the platform file; empty on hardware
    energy_source TEXT,             -- measured:... or modelled:...; null: no energy
    idle_power_w REAL,              -- power at rest, where no sample says otherwise
    device TEXT NOT NULL,
    threads INTEGER NOT NULL,
    inputs INTEGER NOT NULL,        -- asked number of inputs
    environment TEXT NOT NULL,      -- as in --environment
    seed INTEGER NOT NULL,          -- 64 bits, shown as a signed number
    rest_s REAL NOT NULL,           -- rest before every inference
    fail_accuracy REAL NOT NULL,    -- accuracy of giving no answer in time
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    doubts TEXT NOT NULL            -- what made the numbers doubtful, one a line
);

CREATE TABLE trace_model (
    id INTEGER PRIMARY KEY,
    trace_id INTEGER NOT NULL REFERENCES trace,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    file TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    stages INTEGER NOT NULL,        -- 0: a traditional model
    position INTEGER NOT NULL,      -- order within the trace
    UNIQUE (trace_id, name)
);

CREATE TABLE trace_setting (
    id INTEGER PRIMARY KEY,
    trace_id INTEGER NOT NULL REFERENCES trace,
    name TEXT NOT NULL,             -- as in flags: 40W
    position INTEGER NOT NULL,      -- from the least power (0) to the most
    stretch REAL NOT NULL CHECK (stretch > 0),  -- latency relative to the sampled setting
    power_w REAL,                   -- modelled power while inferring; null when measured
    sampled INTEGER NOT NULL CHECK (sampled IN (0, 1)),  -- 0: derived by stretch
    UNIQUE (trace_id, name)
);

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
    model_id INTEGER NOT NULL REFERENCES trace_model,
    setting_id INTEGER NOT NULL REFERENCES trace_setting,
    n INTEGER NOT NULL,             -- 0, 1, 2, ... in order of time
    stage INTEGER NOT NULL,         -- 1, 2, ...; 0: a traditional model
    latency_s REAL NOT NULL,        -- from the start of the inference to this output
    power_w REAL,                   -- measured while inferring; null when modelled
    idle_power_w REAL,              -- measured at rest in this environment; null when modelled
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    environment TEXT NOT NULL CHECK (environment IN ('default', 'compute', 'memory')),
    PRIMARY KEY (model_id, setting_id, n, stage)
) WITHOUT ROWID;

-- Figures that stand for the inputs of a replay.
CREATE TABLE replay (
    run_id INTEGER PRIMARY KEY REFERENCES run,
    inputs INTEGER NOT NULL,
    deadline_misses INTEGER NOT NULL,
    accuracy REAL NOT NULL,         -- mean; a missed input counts fail_accuracy
    accuracy_error REAL NOT NULL,   -- its standard error
    energy_j REAL,                  -- mean per input
    energy_over REAL,               -- share of inputs above the energy goal
    latency_mean_s REAL,            -- of the inputs that were answered
    latency_p50_s REAL,
    latency_p95_s REAL,
    latency_p99_s REAL,
    violated INTEGER NOT NULL CHECK (violated IN (0, 1))
);

-- One row per configuration and input. A derived setting's latency is that of the sampled setting
-- (the one of the most power, should there be several) times the ratio of their stretches.
CREATE VIEW trace_input AS
WITH setting AS (  -- every setting with the one whose samples speak for it
    SELECT t.id AS trace_id, ts.name, source.id AS source_id,
           ts.stretch / source.stretch AS stretch, ts.sampled, ts.power_w
    FROM trace t
    JOIN trace_setting ts ON ts.trace_id = t.id
    JOIN trace_setting source ON source.id = CASE WHEN ts.sampled THEN ts.id ELSE (
        SELECT id FROM trace_setting WHERE trace_id = t.id AND sampled
        ORDER BY position DESC LIMIT 1) END
)
SELECT t.label AS trace, s.n, m.name AS model, nullif(s.stage, 0) AS stage,
       ts.name AS power_setting, s.latency_s * ts.stretch AS latency_s,
       CASE WHEN ts.sampled THEN coalesce(s.power_w, ts.power_w) ELSE ts.power_w END AS power_w,
       coalesce(s.idle_power_w, t.idle_power_w) AS idle_power_w, t.energy_source, s.correct,
       s.environment
FROM trace t
JOIN setting ts ON ts.trace_id = t.id
JOIN trace_model m ON m.trace_id = t.id
JOIN trace_sample s ON s.model_id = m.id AND s.setting_id = ts.source_id;

-- As in version 1, for all runs but replays: those have their stored figures.
DROP VIEW run_summary;
CREATE VIEW run_summary AS
WITH tally AS (
    SELECT r.id AS run_id, count(i.n) AS inputs, nullif(count(i.latency_s), 0) AS answers,
           count(i.n) - ifnull(sum(i.met_deadline), 0) AS deadline_misses,
           count(i.correct) AS graded, sum(i.correct * i.met_deadline) AS hits,
           count(i.correct) - sum((i.correct IS NOT NULL) * i.met_deadline) AS graded_misses,
           avg(i.energy_j) AS energy_j,
           avg(i.energy_j > r.energy_goal_j) AS energy_over,
           (SELECT json_group_array(n) FROM (
                SELECT n FROM input WHERE run_id = r.id AND latency_s IS NOT NULL
                ORDER BY latency_s)) AS by_latency
    FROM run r LEFT JOIN input i ON i.run_id = r.id
    WHERE r.id NOT IN (SELECT run_id FROM replay)
    GROUP BY r.id
),
graded AS (
    SELECT t.*, p.label AS profile,
           (t.hits + t.graded_misses * p.fail_accuracy) / nullif(t.graded, 0) AS accuracy,
           t.hits + t.graded_misses * p.fail_accuracy * p.fail_accuracy AS accuracy_squares
    FROM tally t JOIN run r ON r.id = t.run_id JOIN profile p ON p.id = r.profile_id
)
SELECT r.id AS run, g.profile, r.scheme, r.estimator, r.objective,
       r.deadline_s, r.accuracy_goal, r.energy_goal_j, g.inputs, g.deadline_misses,
       g.accuracy, g.energy_j, g.energy_over, r.energy_source,
       (SELECT latency_s FROM input WHERE run_id = r.id AND n =
            json_extract(g.by_latency, '$[' || ((g.answers * 50 + 99) / 100 - 1) || ']')
       ) AS latency_p50_s,
       (SELECT latency_s FROM input WHERE run_id = r.id AND n =
            json_extract(g.by_latency, '$[' || ((g.answers * 95 + 99) / 100 - 1) || ']')
       ) AS latency_p95_s,
       (SELECT latency_s FROM input WHERE run_id = r.id AND n =
            json_extract(g.by_latency, '$[' || ((g.answers * 99 + 99) / 100 - 1) || ']')
       ) AS latency_p99_s,
       -- More than 10 % missed; or mean energy above its goal; or mean accuracy short of its goal
       -- by more than its standard error (compared squared; a single input has none). The 1e-9
       -- keep the rounding of sums from counting as a violation.
       10 * g.deadline_misses > g.inputs
           OR ifnull(g.energy_j > r.energy_goal_j * (1 + 1e-9), 0)
           OR ifnull(r.accuracy_goal - g.accuracy > 1e-9
                     AND (r.accuracy_goal - g.accuracy) * (r.accuracy_goal - g.accuracy)
                         * g.graded * (g.graded - 1)
                         > g.accuracy_squares - g.graded * g.accuracy * g.accuracy + 1e-9, 0)
           AS violated,
       r.kind, r.trace, r.environment, r.label
FROM graded g JOIN run r ON r.id = g.run_id
UNION ALL
SELECT r.id, p.label, r.scheme, r.estimator, r.objective, r.deadline_s, r.accuracy_goal,
       r.energy_goal_j, f.inputs, f.deadline_misses, f.accuracy, f.energy_j, f.energy_over,
       r.energy_source, f.latency_p50_s, f.latency_p95_s, f.latency_p99_s, f.violated, r.kind,
       r.trace, r.environment, r.label
FROM replay f JOIN run r ON r.id = f.run_id JOIN profile p ON p.id = r.profile_id;
