-- What version 4 adds to the store: perplexity, and how well energy is known.

ALTER TABLE sample ADD COLUMN log_loss REAL;  -- -ln of the label's probability; null: not asked for

-- How often (s) the reading of the meter moves; null: no meter, or a modelled one, which is exact.
ALTER TABLE profile ADD COLUMN energy_resolution_s REAL;
ALTER TABLE run ADD COLUMN energy_resolution_s REAL;

-- One row per configuration. A derived setting's latency is that of the sampled setting (the one
-- of the most power, should there be several) times the ratio of their stretches.
DROP VIEW profile_summary;
CREATE VIEW profile_summary AS
WITH measured AS (
    SELECT p.label AS profile, s.model_id, s.setting_id, s.stage, count(*) AS samples,
           avg(s.latency_s) AS mean_s, avg(s.power_w) AS power_w,
           (sum(s.latency_s * s.latency_s) - count(*) * avg(s.latency_s) * avg(s.latency_s))
               / nullif(count(*) - 1, 0) AS variance,
           avg(s.power_w * s.latency_s) AS mean_j,
           (sum(s.power_w * s.latency_s * s.power_w * s.latency_s)
               - count(s.power_w) * avg(s.power_w * s.latency_s) * avg(s.power_w * s.latency_s))
               / nullif(count(s.power_w) - 1, 0) AS variance_j
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
           CASE count(log_loss) WHEN count(*) THEN exp(avg(log_loss)) END AS perplexity
    FROM answer GROUP BY profile, model_id, stage
),
setting AS (  -- every setting with the one whose samples speak for it
    SELECT p.label AS profile, ps.id, ps.name, ps.position, source.id AS source_id,
           ps.stretch / source.stretch AS stretch, ps.sampled, ps.power_w
    FROM profile p
    JOIN power_setting ps ON ps.profile_id = p.id
    JOIN power_setting source ON source.id = CASE WHEN ps.sampled THEN ps.id ELSE (
        SELECT id FROM power_setting WHERE profile_id = p.id AND sampled
        ORDER BY position DESC LIMIT 1) END
)
SELECT p.label AS profile, m.name AS model, nullif(c.stage, 0) AS stage,
       ps.name AS power_setting,
       CASE WHEN ps.sampled THEN coalesce(c.power_w, ps.power_w) ELSE ps.power_w END AS power_w,
       c.mean_s * ps.stretch AS latency_mean_s,
       sqrt(max(c.variance, 0)) * ps.stretch AS latency_std_s,
       CASE WHEN ps.sampled THEN coalesce(c.power_w, ps.power_w) ELSE ps.power_w END
           * c.mean_s * ps.stretch AS energy_j,
       p.energy_source, g.accuracy, p.fail_accuracy, c.samples, g.perplexity,
       -- The standard error of the mean of the samples' energies. They spread by no less than the
       -- meter's steps make them: power times step over the root of 6, as a reading at either end
       -- lags by up to a step; shared among the repeats of an inference that fill 20 steps.
       sqrt(max(ifnull(c.variance_j, 0),
                c.mean_j * c.mean_j / 6
                    * p.energy_resolution_s / max(c.mean_s, 20 * p.energy_resolution_s)
                    * p.energy_resolution_s / max(c.mean_s, 20 * p.energy_resolution_s))
            / c.samples) AS energy_error_j
FROM profile p
JOIN setting ps ON ps.profile = p.label
JOIN measured c ON c.profile = p.label AND c.setting_id = ps.source_id
JOIN graded g ON g.profile = p.label AND g.model_id = c.model_id AND g.stage = c.stage
JOIN model m ON m.id = c.model_id
ORDER BY p.id, m.position, c.stage, ps.position;
