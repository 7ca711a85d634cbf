"""What people are told. No name of anybody else stands in a title: it is also a mail's subject."""

CASE_RECEIVED = "お知らせいただいたことを受け取りました。事務局が確かめます"
CASE_RECEIVED_BODY = (
    "相手の方には、あなたが知らせたことを伝えません。お話をうかがうことがあります。"
)
CASE_CLOSED = "お知らせいただいたことの確認が終わりました"
CASE_CLOSED_BODY = (
    "ありがとうございました。ほかの方のことは、お伝えできません。"
    "また困ったことがあったら、いつでもお知らせください。"
)
CASE_REOPENED = "お知らせいただいたことを、もう一度確かめています"

MESSAGE = "{name}からメッセージがあります"
MESSAGE_BODY = "ページを開くと読めます。お返事も、そこから書けます。"

GROUP_INVITED = "グループ「{name}」に招かれています"
GROUP_INVITED_BODY = "入るかどうかは、自由です。断っても、だれにも伝わりません。"
GROUP_POST = "「{name}」に新しいお知らせがあります"
GROUP_LEADER = "「{name}」の世話役になりました"
GROUP_CLOSED = "グループ「{name}」は終わりました"
