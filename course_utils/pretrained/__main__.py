"""`python -m course_utils.pretrained NAME` trains a bundled model anew, as `_train` says."""

import sys

from course_utils.pretrained._train import main

if __name__ == "__main__":
    sys.exit(main())
