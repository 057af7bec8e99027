/**
 * F-grams as every part knows them: {@link io.scone.fgram.FgramKey} is the key and its order,
 * {@link io.scone.fgram.FgramIndex} the set and its longest matches, {@link
 * io.scone.fgram.FgramShard} which part of a split table has one, {@link
 * io.scone.fgram.FgramFilter} what a client keeps of the set.
 *
 * <p>It is at the bottom: it uses no other package and any may use it. Its bits are on disks and on
 * the wire, so that they change only with the formats' versions.
 */
package io.scone.fgram;
