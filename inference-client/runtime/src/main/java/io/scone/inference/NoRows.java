package io.scone.inference;

import java.util.List;

/** The row source of a model with its table off. */
enum NoRows implements RowSource {
  INSTANCE;

  @Override
  public int context() {
    return 0;
  }

  @Override
  public FgramRows find(List<TokenWindow> windows) {
    return FgramRows.none();
  }

  @Override
  public void close() {}
}
