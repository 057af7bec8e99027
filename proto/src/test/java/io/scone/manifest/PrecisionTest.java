package io.scone.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.row.Dtype;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
  @ParameterizedTest
  @CsvSource({"f32,F32,F32", "f16,F16,F16", "bf16,BF16,BF16", "int8,INT8,F32", "int8-f16,INT8,F16"})
  void aNameSaysWeightsAndWhereItMustActivations(String name, Dtype weights, Dtype activations) {
    assertEquals(new Precision(weights, activations), Precision.of(name));
    assertEquals(name, Precision.of(name).toString());
  }

  @Test
  void whatGoesWithoutSayingIsNotSaid() {
    assertEquals("int8", Precision.of("int8-f32").toString());
    assertEquals("f16", Precision.of("f16-f16").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "f12", "f16-f32", "f16-int8", "int8-int8", "int8-", "-f16"})
  void aNameOfNoneIsRefusedByThoseThereAre(String name) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Precision.of(name)).getMessage();
    assertEquals(
        "no type '"
            + name
            + "'; there are [f32, f16, bf16, int8, int8-f16, int8-bf16, int4, int4-f16, int4-bf16]",
        message);
  }

  @ParameterizedTest
  @CsvSource({"F16,F32", "F16,INT8", "INT8,INT8", "INT8,INT4"})
  void whatCannotGoTogetherIsRefused(Dtype weights, Dtype activations) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Precision(weights, activations))
            .getMessage();
    assertTrue(message.contains("activations"), message);
  }
}
