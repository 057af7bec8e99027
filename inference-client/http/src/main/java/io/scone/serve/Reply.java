package io.scone.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Where the answer to one request goes. Safe for use by many threads. */
interface Reply {
  /** Answers with a JSON object. */
  void send(ObjectNode body);

  /** Answers with a failure; one that comes in a stream is its last event. */
  void fail(ApiException failure);

  /** Sends a part of a streamed answer; the first one begins it. */
  void event(ObjectNode body);

  /** Ends a streamed answer. */
  void end();
}
