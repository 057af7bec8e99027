package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JavaSourcesTest {
  @Test
  void stripsALeadingCommentThatSpeaksOfALicence() {
    assertEquals(
        "package a;\n/* License */",
        JavaSources.withoutLicence("/* A License */\n\npackage a;\n/* License */"));
  }

  @Test
  void keepsEveryOtherComment() {
    for (String java :
        new String[] {"/** A class. */ class A {}", "package a; /* License */", "", "/*"}) {
      assertEquals(java, JavaSources.withoutLicence(java));
    }
  }
}
