/**
 * How long work tells how far it is: the work calls a {@link io.scone.progress.Progress}, whoever
 * started it decides what is seen.
 *
 * <p>It uses no other package; any package above the lookup client may use it.
 */
package io.scone.progress;
