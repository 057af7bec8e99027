package io.scone.client;

import java.time.Duration;

/**
 * What a client has done since it was made, taken at one moment.
 *
 * @param calls calls that have ended, however they did
 * @param failures of these, the ones that failed
 * @param requests requests on the wire: parts of a call over the server's limits, further attempts,
 *     questions to shards and for what a server holds are one each
 * @param overloads requests that were made again because a server had too much to do
 * @param bytesSent bytes of request messages on the wire, without headers
 * @param bytesReceived bytes of reply messages on the wire, without headers
 * @param rows rows that calls returned, from the row cache or not
 * @param cacheHits positions that the row cache answered
 * @param cacheMisses positions that it was asked for and could not answer
 * @param cacheBytes bytes that the row cache holds now, about; 0 without one
 * @param median the time that half of the calls took at most, to about 1 %
 * @param p99 the time that 99 in 100 calls took at most, to about 1 %
 * @param max the longest time that a call took, to about 1 %
 */
public record Statistics(
    long calls,
    long failures,
    long requests,
    long overloads,
    long bytesSent,
    long bytesReceived,
    long rows,
    long cacheHits,
    long cacheMisses,
    long cacheBytes,
    Duration median,
    Duration p99,
    Duration max) {}
