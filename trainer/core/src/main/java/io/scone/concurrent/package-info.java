/**
 * Work spread over threads: {@link io.scone.concurrent.Workers}.
 *
 * <p>It uses no other package; the trainer's packages use it.
 */
package io.scone.concurrent;
