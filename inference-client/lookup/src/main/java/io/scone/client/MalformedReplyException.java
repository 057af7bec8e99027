package io.scone.client;

import java.io.IOException;

/** A reply that is not the protobuf message it should be; the message says how, as a clause. */
final class MalformedReplyException extends IOException {
  private static final long serialVersionUID = 1;

  MalformedReplyException(String message) {
    super(message);
  }
}
