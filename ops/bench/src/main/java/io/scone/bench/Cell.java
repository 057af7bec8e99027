package io.scone.bench;

import java.io.Serializable;

/**
 * What is measured of every store.
 *
 * @param batch the positions or f-grams of one call
 * @param inFlight the calls under way at any time
 */
record Cell(Workload workload, int batch, int inFlight) implements Serializable {}
