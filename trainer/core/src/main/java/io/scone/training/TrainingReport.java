package io.scone.training;

import java.nio.file.Path;

/**
 * What a training run came to.
 *
 * @param checkpoint the directory of its last checkpoint
 * @param steps the updates done, those before a resumption included
 * @param tokens the tokens they predicted
 * @param mainParameters weights of the main model
 * @param fgramParameters weights of the f-gram model
 * @param loss the mean training loss since the last log entry; NaN if nothing was left to do
 * @param tokensPerSecond the speed since the start or the resumption
 * @param validation the last validation; null without validation text or if the run was stopped
 */
public record TrainingReport(
    Path checkpoint,
    long steps,
    long tokens,
    long mainParameters,
    long fgramParameters,
    double loss,
    double tokensPerSecond,
    Validation validation) {}
