"""What runs: conditions as functions, norms in an index, who beats whom as bit masks."""
