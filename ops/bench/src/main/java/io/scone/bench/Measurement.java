package io.scone.bench;

import java.io.Serializable;
import java.time.Duration;

/**
 * What a process is told to measure of its store.
 *
 * @param shift moves where in the workload's source the callers begin, so that rounds differ
 * @param time how long calls count
 * @param checkAll whether every row is checked, which costs time
 */
record Measurement(Cell cell, int shift, Duration time, boolean checkAll) implements Serializable {}
