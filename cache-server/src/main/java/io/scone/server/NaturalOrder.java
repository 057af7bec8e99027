package io.scone.server;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of names in which people count: runs of digits compare as numbers, so that {@code v9}
 * comes before {@code v10} and dates written from year to day come in their order.
 */
final class NaturalOrder implements Comparator<String> {
  private static final Pattern PART = Pattern.compile("0*([0-9]+)|[^0-9]+");

  @Override
  public int compare(String left, String right) {
    Matcher ofLeft = PART.matcher(left);
    Matcher ofRight = PART.matcher(right);
    while (true) {
      boolean more = ofLeft.find();
      if (more != ofRight.find()) {
        return more ? 1 : -1;
      }
      if (!more) {
        return left.compareTo(right); // v1 and v01 are the same number, but not the same name
      }
      int order = compareParts(ofLeft, ofRight);
      if (order != 0) {
        return order;
      }
    }
  }

  private static int compareParts(Matcher left, Matcher right) {
    String leftNumber = left.group(1);
    String rightNumber = right.group(1);
    if (leftNumber == null || rightNumber == null) {
      return left.group().compareTo(right.group());
    }
    return leftNumber.length() == rightNumber.length()
        ? leftNumber.compareTo(rightNumber)
        : Integer.compare(leftNumber.length(), rightNumber.length());
  }
}
