import Testing
@Suite("Thresholds") struct ThresholdTests {}
